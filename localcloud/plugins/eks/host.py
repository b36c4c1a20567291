"""Serves the components: the engine calls Construct, the SDK's own server answers it."""

import os
import select
import signal
import sys
import threading

import pulumi
import pulumi.provider

from localcloud.plugins import provider
from localcloud.plugins.provider import ProviderError

VERSION = "4.4.0"
CLUSTER = "eks:index:Cluster"


class EksProvider(pulumi.provider.Provider):
    """Constructs `eks:index:Cluster`; anything else is refused by name."""

    def __init__(self) -> None:
        super().__init__(VERSION)

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> pulumi.provider.ConstructResult:
        if resource_type != CLUSTER:
            raise ProviderError(
                f"{resource_type} is not in the local cloud: of pulumi-eks it has {CLUSTER}"
            )
        # The SDKs of the children take a while to import, and the engine waits for the port.
        from localcloud.plugins.eks.cluster import Cluster

        made = Cluster(name, inputs, options)
        return pulumi.provider.ConstructResult(urn=made.urn, state=made.state)


def serve() -> None:
    """Run the plugin until the engine ends it or ends itself."""
    engine = provider.parent()
    # The engine gives all its plugins 5 s together; the SDK's server would end its loop first.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    threading.Thread(target=_end_with, args=(engine,), daemon=True).start()
    pulumi.provider.main(EksProvider(), sys.argv[1:])


def _end_with(engine: int) -> None:
    select.select([engine], [], [])
    os._exit(0)
