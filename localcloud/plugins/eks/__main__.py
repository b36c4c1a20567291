"""The executable: python -m localcloud.plugins.eks."""

from localcloud.plugins.eks.host import serve

serve()
