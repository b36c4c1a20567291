"""A plugin starts without the SDK around the stubs, and quickly."""

import subprocess
import sys

import pytest

from localcloud.plugins.bare import use_bare_sdk

LOADED = """
from localcloud.plugins.bare import use_bare_sdk
use_bare_sdk()
import {module}
import sys
heavy = ("botocore", "boto3", "pulumi.resource", "pulumi_aws", "yaml", "opentelemetry")
print([name for name in heavy if name in sys.modules])
"""


@pytest.mark.parametrize(
    "module", ["localcloud.plugins.aws.servicer", "localcloud.plugins.language.host"]
)
def test_a_plugin_imports_only_what_its_first_call_needs(module: str) -> None:
    command = [sys.executable, "-c", LOADED.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_it_must_come_first() -> None:
    with pytest.raises(RuntimeError, match="imported already"):
        use_bare_sdk()
