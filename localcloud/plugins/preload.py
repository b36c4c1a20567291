"""What the plugins that only serve gRPC import, and read, for the fork server that forks for them.

It forks for the AWS CLI, too, which imports botocore as they do.
"""

import os
import sys
from importlib import import_module

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from localcloud.plugins.bare import use_bare_sdk  # once it can be found

use_bare_sdk()

from localcloud.plugins.language import host  # noqa: E402, F401  # the first that is asked for


def _aws() -> None:
    import_module("localcloud.plugins.aws.servicer")


def _services() -> None:
    from localcloud.plugins.aws import session, types

    session.read_models(sorted({"sts", *(each.service for each in types.table().values())}))


STEPS = (_aws, _services)
