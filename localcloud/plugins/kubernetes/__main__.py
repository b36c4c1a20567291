"""The executable `pulumi-resource-kubernetes`: prints its port and serves until the engine ends."""

from localcloud.plugins.bare import use_bare_sdk

use_bare_sdk()

from localcloud.plugins.kubernetes.provider import KubernetesProvider  # noqa: E402  # after that
from localcloud.plugins.provider import serve  # noqa: E402

serve(KubernetesProvider())
