"""The generated gRPC stubs of the Pulumi SDK, without the rest of the SDK.

`import pulumi.runtime.proto` runs `pulumi/__init__.py`, which takes half of a plugin's
start-up time. A plugin that only serves gRPC calls `use_bare_sdk` first, in its `__main__.py`: then
`pulumi` and `pulumi.runtime` are empty packages in that process.
"""

import gc
import sys
from importlib.util import find_spec
from types import ModuleType


def use_bare_sdk() -> None:
    """Make the SDK's packages empty. Raises RuntimeError if they are imported already."""
    if "pulumi" in sys.modules:
        if sys.modules["pulumi"].__spec__ is None:
            return  # done already
        raise RuntimeError("the Pulumi SDK is imported already")
    # Imported modules are never garbage: collect less often.
    gc.set_threshold(50_000, 20, 50)
    spec = find_spec("pulumi")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (home,) = spec.submodule_search_locations
    for name in ("pulumi", "pulumi.runtime"):
        package = ModuleType(name)
        package.__path__ = [home + name.removeprefix("pulumi").replace(".", "/")]
        sys.modules[name] = package
