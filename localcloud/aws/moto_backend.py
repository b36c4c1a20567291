"""What all our subclasses of moto's backends have in common."""

from importlib import import_module
from typing import Any

from moto.core.base_backend import BaseBackend


class MotoBackend(BaseBackend):
    """The first base of a subclass, so that moto finds the service's URLs."""

    @property
    def _url_module(self) -> Any:
        """moto itself would look for it beside the subclass."""
        modules = (each.__module__.split(".") for each in type(self).__mro__)
        service = next(module[1] for module in modules if module[0] == "moto")
        return import_module(f"moto.{service}.urls")
