"""The workloads: a namespace, and in it a Deployment of each web server behind the Services."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apps, core, meta, policy

from components.disruption import DISRUPTION_BUDGET
from components.pods import WebServer, pod_spec
from components.service_spec import ApplicationSpec, servers

_NAMESPACE = "service-types"
# A label by which the controller lets new pods be ready only once their targets are healthy.
# https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/pod_readiness_gate/
_READINESS_GATES = {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"}
# Terminating pods still serve for some seconds (components/pods.py). The deletion of a Deployment
# does not wait for its pods: the deletion of the namespace waits for all of them.
_BACKGROUND = {"pulumi.com/deletionPropagationPolicy": "background"}
_POD_SECURITY = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")
}


@dataclass(frozen=True, kw_only=True)
class WorkloadsArgs:
    """`after` is what must exist for pods to run."""

    spec: ApplicationSpec
    after: Sequence[pulumi.Resource]


class Workloads(pulumi.ComponentResource):
    """Each server's replicas are spread over Availability Zones and nodes, and drains evict one of
    them at a time. The namespace enforces Pod Security `restricted`."""

    namespace: pulumi.Output[str]
    names: list[str]  # of the Deployments
    deployments: list[apps.v1.Deployment]

    def __init__(
        self, name: str, args: WorkloadsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`opts` has the Kubernetes provider."""
        super().__init__("eks-service-types:index:Workloads", name, None, opts)
        gates = _READINESS_GATES if args.spec.balancing.readiness_gates else {}
        namespace = core.v1.Namespace(
            f"{name}-namespace",
            metadata={"name": _NAMESPACE, "labels": {**_POD_SECURITY, **gates}},
            # `depends_on` makes destroy delete this before the nodes, while kubelets can still end
            # the pods.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.namespace = namespace.metadata.name
        found = servers(args.spec.services)
        self.names = [server.name for server in found]
        self.deployments = [
            self._deployment(name, server, args.spec, self._page(name, server)) for server in found
        ]
        self.register_outputs({"namespace": self.namespace})

    def _page(self, name: str, server: WebServer) -> pulumi.Output[str] | None:
        """Make the ConfigMap of a server's page, if it has one, and return its name."""
        if server.page is None:
            return None
        config_map = core.v1.ConfigMap(
            f"{name}-{server.name}-page",
            metadata={"name": f"{server.name}-page", "namespace": self.namespace},
            data={"index.html": f"{server.page}\n"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        return config_map.metadata.name

    def _budget(self, name: str, server: WebServer) -> pulumi.Resource:
        return policy.v1.PodDisruptionBudget(
            f"{name}-{server.name}-budget",
            metadata={"name": server.name, "namespace": self.namespace},
            spec={"selector": {"match_labels": server.labels}, **DISRUPTION_BUDGET},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _deployment(
        self,
        name: str,
        server: WebServer,
        spec: ApplicationSpec,
        page_config_map: pulumi.Input[str] | None,
    ) -> apps.v1.Deployment:
        return apps.v1.Deployment(
            f"{name}-{server.name}",
            metadata={
                "name": server.name,
                "namespace": self.namespace,
                "labels": server.labels,
                "annotations": _BACKGROUND,
            },
            spec=apps.v1.DeploymentSpecArgs(
                replicas=server.replicas,
                selector=meta.v1.LabelSelectorArgs(match_labels=server.labels),
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=server.labels),
                    spec=pod_spec(
                        server, spec.nginx_image, page_config_map, spec.balancing.target_type
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._budget(name, server)]),
        )
