"""What the plugins that only serve gRPC import, and read, for the keeper that forks for them."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from localcloud.plugins.bare import use_bare_sdk  # once it can be found

use_bare_sdk()

from localcloud.plugins.aws import servicer, session, types  # noqa: E402, F401  # after use_bare_sdk
from localcloud.plugins.kubernetes import provider  # noqa: E402, F401
from localcloud.plugins.language import host  # noqa: E402, F401

session.read_models(sorted({"sts", *(each.service for each in types.table().values())}))
