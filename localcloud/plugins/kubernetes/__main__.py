"""The executable `pulumi-resource-kubernetes`: prints its port and serves until the engine ends."""

from localcloud.plugins.kubernetes.provider import KubernetesProvider
from localcloud.plugins.provider import serve

serve(KubernetesProvider())
