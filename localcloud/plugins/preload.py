"""What the fork server of the gRPC plugins and of `aws eks get-token` imports before it forks."""

import os
import sys
from importlib import import_module

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from localcloud.plugins.bare import use_bare_sdk  # after sys.path

use_bare_sdk()

from localcloud.plugins.language import host  # noqa: E402, F401  # the first that is needed


def _aws() -> None:
    import_module("localcloud.plugins.aws.servicer")


def _services() -> None:
    from localcloud.plugins.aws import session, types

    session.read_models(sorted({"sts", *(each.service for each in types.table().values())}))


def _aws_cli() -> None:
    import_module("awscli.clidriver")
    import_module("awscli.handlers")


# Run one by one while no request waits (forkserver/server.py).
STEPS = (_aws, _services, _aws_cli)
