"""The plugin's program, which the command that environment.py writes runs by path."""

from localcloud.plugins.eks.host import serve

serve()
