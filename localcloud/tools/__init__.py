"""The programs and images that the local cloud runs, built or fetched once into a cache."""

from .docker_archive import with_ca
from .errors import ToolError
from .toolset import Tools, ensure, find, kubernetes_versions

__all__ = ["ToolError", "Tools", "ensure", "find", "kubernetes_versions", "with_ca"]
