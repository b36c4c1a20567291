"""Which version a provider plugin has: that of the SDK pulumi-..., which the engine asks for."""

import json
from importlib.util import find_spec
from pathlib import Path


def sdk_version(package: str) -> str:
    """The version of the installed SDK of a package, such as `aws`, which is not imported.

    Read from the file by which the SDK itself names its plugin: package metadata would take each
    plugin's start some 40 ms longer. Raises ModuleNotFoundError when there is no such SDK.
    """
    module = f"pulumi_{package}"
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)
    told = json.loads(Path(spec.origin).with_name("pulumi-plugin.json").read_bytes())
    return str(told["version"])
