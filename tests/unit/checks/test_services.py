"""Checks 1 to 5 fail once the thing they speak of is broken."""

import shutil
from pathlib import Path

import pytest

from tests.unit.checks import servers, support
from tests.unit.checks.fake_aws import ALB, NLB
from tests.unit.checks.stand import CLUSTER_IP, PODS, SERVICES, Stand, failed


def test_1_fails_without_a_ready_pod(stand: Stand) -> None:
    stand.kubectl.answers(PODS, {"items": [support.pod("nginx-554b9c67f9-rwbp7", ready=False)]})

    assert "no Ready pod with app=nginx among 1" in failed(stand.checked(1))


def test_1_fails_when_the_forward_does_not_open(stand: Stand) -> None:
    stand.kubectl.forwards("pod/nginx-554b9c67f9-rwbp7", None)

    assert "kubectl port-forward: pod/nginx-554b9c67f9-rwbp7 not found" in failed(stand.checked(1))


def test_1_fails_on_another_page(stand: Stand) -> None:
    with servers.serving(lambda _: "<h1>It works!</h1>") as port:
        stand.kubectl.forwards("pod/nginx-554b9c67f9-rwbp7", port)

        assert "another page: '<h1>It works!</h1>'" in failed(stand.checked(1))


def test_2_fails_without_the_service(stand: Stand) -> None:
    del stand.services["nginx-cluster-ip"]

    seen = failed(stand.checked(2))

    assert seen.count("not found") == 2
    assert "bastion: no Service of type ClusterIP: it is gone" in seen


def test_2_fails_when_the_service_has_no_pods(stand: Stand) -> None:
    stand.kubectl.answers(f"{SERVICES}/http:nginx-cluster-ip:{stand.servers.nginx}/proxy/", None)

    assert failed(stand.checked(2)).startswith("proxy: kubectl get: ")


def test_2_fails_when_exec_fails(stand: Stand) -> None:
    stand.kubectl.exec_fails("error: unable to upgrade connection: Forbidden")

    seen = failed(stand.checked(2))

    assert seen == "pod: kubectl exec: unable to upgrade connection: Forbidden"


def test_2_fails_when_the_bastion_reaches_the_cluster_ip(stand: Stand) -> None:
    with servers.serving(lambda _: support.NGINX_PAGE, CLUSTER_IP, stand.servers.nginx):
        seen = failed(stand.checked(2))

    assert seen == f"bastion: http://{CLUSTER_IP}:{stand.servers.nginx}/ answered"


def test_2_takes_no_silence_for_proof_when_the_bastion_reaches_no_node(stand: Stand) -> None:
    stand.nodes = [support.node("i-1", "127.0.0.77")]

    assert "bastion: cannot tell: no control got through" in failed(stand.checked(2))


def test_2_takes_no_silence_for_proof_without_curl_on_the_bastion(
    stand: Stand, tmp_path: Path
) -> None:
    path = stand.ssm.environment["PATH"]
    for tool in ("sh", "mktemp", "rm", "head", "base64", "tr"):
        (tmp_path / tool).symlink_to(shutil.which(tool, path=path) or "missing")
    stand.ssm.environment = {"PATH": str(tmp_path)}

    assert failed(stand.checked(2)).endswith("there is no curl")


def test_3_fails_when_one_node_does_not_answer(stand: Stand) -> None:
    stand.nodes.append(support.node("i-3", "127.0.0.4"))

    assert "127.0.0.4" in failed(stand.checked(3))


def test_3_fails_without_nodes(stand: Stand) -> None:
    stand.nodes.clear()

    assert "the cluster has no nodes" in failed(stand.checked(3))


def test_3_fails_when_a_node_has_a_public_address(stand: Stand) -> None:
    stand.account.public["i-2"] = "198.51.100.7"

    assert failed(stand.checked(3)) == "IPs: i-2 has 198.51.100.7"


def test_3_fails_when_a_node_port_is_reached_from_here(stand: Stand) -> None:
    stand.network.routes["127.0.0.3", stand.servers.nginx] = ("127.0.0.3", stand.servers.nginx)

    assert failed(stand.checked(3)) == f"here: 127.0.0.3:{stand.servers.nginx} answered"


def test_3_takes_no_silence_for_proof_on_a_machine_without_a_network(stand: Stand) -> None:
    stand.network.routes.clear()

    assert "here: cannot tell: no control got through" in failed(stand.checked(3))


def test_3_fails_when_the_service_is_of_another_type(stand: Stand) -> None:
    stand.services["nginx-node-port"]["spec"]["type"] = "ClusterIP"

    assert "no Service of type NodePort: ClusterIP" in failed(stand.checked(3))


def test_4_fails_before_the_load_balancer_is_made(stand: Stand) -> None:
    stand.services["nginx-load-balancer"]["status"] = {}

    assert "Service nginx-load-balancer has no load balancer (yet)" in failed(stand.checked(4))


def test_4_fails_when_the_load_balancer_does_not_answer(stand: Stand) -> None:
    del stand.network.routes[NLB, 80]

    assert failed(stand.checked(4)) == "here: no route to host"


def test_4_fails_when_the_scheme_is_not_the_stacks(stand: Stand) -> None:
    stand.account.schemes[NLB] = "internal"

    assert failed(stand.checked(4)) == "scheme: internal"


@pytest.fixture
def internal(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """The stand with an internal load balancer: "localhost" to the bastion, no way from here."""
    stand.outputs["load_balancer_scheme"] = "internal"
    stand.account.schemes = {ALB: "internet-facing", "localhost": "internal"}
    stand.services["nginx-load-balancer"]["status"] = support.service(
        "", "LoadBalancer", hostname="localhost"
    )["status"]
    curl = stand.kubectl.root.parent / "bastion"
    curl.mkdir()
    real = stand.ssm.environment["PATH"]
    support.script(
        curl / "curl",
        f"#!/bin/sh\nPATH={real}\n"
        f'exec curl --connect-to localhost:80:127.0.0.2:{stand.servers.nginx} "$@"\n',
    )
    stand.ssm.environment = {"PATH": f"{curl}:{real}"}
    return stand


def test_4_holds_for_an_internal_load_balancer_reached_from_the_bastion(internal: Stand) -> None:
    result = internal.checked(4)

    assert result.ok, failed(result)
    assert [each.claim.did for each in result.statements] == [
        "scheme", "bastion", "its name", "here",
    ]  # fmt: skip


def test_4_fails_when_an_internal_load_balancer_is_reached_from_here(internal: Stand) -> None:
    internal.network.routes["localhost", 80] = ("127.0.0.2", internal.servers.nginx)

    assert failed(internal.checked(4)) == "here: localhost:80 answered"


def test_5_fails_on_another_name(stand: Stand) -> None:
    stand.servers.cluster_names["google-service.service-types.svc.cluster.local"] = "example.org"

    assert failed(stand.checked(5)) == "cluster DNS: google-service: CNAME example.org"


def test_5_fails_without_the_service(stand: Stand) -> None:
    stand.servers.cluster_names.clear()

    assert "NXDOMAIN for google-service.service-types" in failed(stand.checked(5))


def test_5_fails_when_the_cluster_has_no_dns(stand: Stand) -> None:
    stand.kubectl.forwards("service/kube-dns", None)

    assert "kubectl port-forward: service/kube-dns not found" in failed(stand.checked(5))
