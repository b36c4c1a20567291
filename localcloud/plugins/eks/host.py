"""Serves the component `eks:index:Cluster`, by the SDK's own provider server."""

import os
import select
import signal
import sys
import threading

import pulumi
import pulumi.provider

from localcloud.plugins import provider
from localcloud.plugins.eks.kubeconfig import get_kubeconfig
from localcloud.plugins.versions import sdk_version

VERSION = sdk_version("eks")
CLUSTER = "eks:index:Cluster"
GET_KUBECONFIG = f"{CLUSTER}/getKubeconfig"


class EksProvider(pulumi.provider.Provider):
    """Constructs `eks:index:Cluster` and answers its method; refuses everything else by name.

    It refuses by InputPropertiesError, as the SDK's server shows a traceback for other errors.
    """

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
            raise _not_here(resource_type)
        # Here, since the SDKs take a while to import and the engine waits for the port.
        from localcloud.plugins.eks.cluster import Cluster

        made = Cluster(name, inputs, options)
        return pulumi.provider.ConstructResult(urn=made.urn, state=made.state)

    def call(self, token: str, args: pulumi.Inputs) -> pulumi.provider.CallResult:
        if token != GET_KUBECONFIG:
            raise _not_here(token)
        return pulumi.provider.CallResult(outputs={"result": get_kubeconfig(args)})


def _not_here(token: str) -> pulumi.InputPropertiesError:
    has = f"{CLUSTER} and {GET_KUBECONFIG}"
    message = f"{token} is not in the local cloud: of pulumi-eks it has {has}"
    return pulumi.InputPropertiesError(message, [])  # the server fails without a list


def serve() -> None:
    """Run the plugin until the engine stops it or ends."""
    engine = provider.parent()
    # The engine gives all plugins 5 s together to end, which the SDK's own handler may exceed.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    threading.Thread(target=_end_with, args=(engine,), daemon=True).start()
    pulumi.provider.main(EksProvider(), sys.argv[1:])


def _end_with(engine: int) -> None:
    select.select([engine], [], [])
    os._exit(0)
