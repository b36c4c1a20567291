"""The executable: python -m localcloud.plugins.language."""

from localcloud.plugins.language.host import serve

serve()
