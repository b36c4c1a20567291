"""valueYamlFiles: the assets of a Check request as values, merged below `values`."""

from pathlib import Path
from typing import Any

from google.protobuf.struct_pb2 import Struct

from localcloud.plugins.kubernetes.helm.inputs import merged
from localcloud.plugins.kubernetes.objects import Obj
from localcloud.plugins.provider import ProviderError
from localcloud.plugins.values import UNKNOWN, from_struct

_FILES = "valueYamlFiles"


def read(news: Struct) -> Obj:
    """The inputs of a Release with its value files read into `values`.

    Assets exist only here, so they are read from the request before it is decoded.
    """
    rest = Struct()
    rest.CopyFrom(news)
    files = list(rest.fields[_FILES].list_value.values) if _FILES in rest.fields else []
    rest.fields.pop(_FILES, None)
    inputs = from_struct(rest)
    below: Obj = {}
    for file in files:
        below = merged(below, _values(file.struct_value))
    if not below or inputs.get("values") is UNKNOWN:
        return inputs
    return {**inputs, "values": merged(below, inputs.get("values") or {})}


def _values(asset: Struct) -> Any:
    import yaml

    text = asset.fields["text"].string_value if "text" in asset.fields else ""
    if not text and "path" in asset.fields:
        path = Path(asset.fields["path"].string_value)
        try:
            text = path.read_text()
        except OSError as error:
            raise ProviderError(f"{_FILES}: {path}: {error.strerror}") from None
    if not text:
        raise ProviderError(f"{_FILES}: only files and strings are implemented")
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProviderError(f"{_FILES}: not YAML: {error}") from None
    if not isinstance(values, dict):
        raise ProviderError(f"{_FILES}: a file holds no object of values")
    return values
