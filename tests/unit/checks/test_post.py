"""The list of checks: each holds on the stand, and fails when what it tests is broken."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.statements import CHECKS
from tests.unit.checks.fake_aws import ALB, NLB, cname, forward
from tests.unit.checks.stand import CLUSTER_IP, GOOGLE, POD, PODS, SERVICES, Stand, failed
from tests.unit.checks.support import NGINX_PAGE, pod

NUMBERS = [each.number for each in CHECKS]
NODE_PORTS = "PORT/", "31000/", "30001/", "30002/"


@pytest.mark.parametrize("number", NUMBERS)
def test_a_check_holds_on_a_stack_as_in_the_post(stand: Stand, number: int) -> None:
    result = stand.checked(number)

    assert result.ok, failed(result)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_check_without_outputs_fails_with_the_reason(stand: Stand, number: int) -> None:
    stand.outputs.clear()

    assert "the stack has no output" in failed(stand.checked(number))


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 9])
def test_a_check_without_kubectl_fails_with_the_reason(
    stand: Stand, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert failed(stand.checked(number)) == "could not run: there is no kubectl on PATH"


ENDING = pod("nginx")
ENDING["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
# The number of a check and what makes it fail: a way to break the stand, and what the check saw.
BROKEN: dict[tuple[int, str], tuple[Callable[[Stand], object], str]] = {
    (1, "no pod is Ready"): (
        lambda it: it.kubectl.answers(PODS, {"items": [pod("nginx", ready=False)]}),
        "port-forward to pod: no Ready pod with app=nginx among 1",
    ),
    (1, "the only Ready pod ends"): (
        lambda it: it.kubectl.answers(PODS, {"items": [ENDING]}),
        "port-forward to pod: no Ready pod with app=nginx among 1",
    ),
    (1, "the forward to the pod does not open"): (
        lambda it: it.kubectl.answers(POD, None),
        f"port-forward to pod: kubectl port-forward: {POD} not found",
    ),
    (1, "the pod serves another page"): (
        lambda it: it.kubectl.answers(POD, it.serves("<h1>It works!</h1>")),
        "port-forward to pod: another page: '<h1>It works!</h1>'",
    ),
    (2, "the ClusterIP Service is gone"): (
        lambda it: it.services.pop("nginx-cluster-ip"),
        f"proxy: kubectl get: {SERVICES}/nginx-cluster-ip not found; "
        f"pod: kubectl get: {SERVICES}/nginx-cluster-ip not found; "
        "bastion: no Service of type ClusterIP: it is gone",
    ),
    (2, "the ClusterIP Service has no pods"): (
        lambda it: it.kubectl.answers(it.proxy, None),
        f"proxy: kubectl get: {SERVICES}/http:nginx-cluster-ip:PORT/proxy/ not found",
    ),
    (2, "exec is forbidden"): (
        lambda it: it.kubectl.answers(
            "exec-error", "error: unable to upgrade connection: Forbidden"
        ),
        "pod: kubectl exec: unable to upgrade connection: Forbidden",
    ),
    (2, "the bastion reaches the cluster IP"): (
        lambda it: it.serves(NGINX_PAGE, CLUSTER_IP, it.nginx),
        f"bastion: http://{CLUSTER_IP}:PORT/ answered",
    ),
    (2, "the bastion reaches no node, so that silence proves nothing"): (
        lambda it: it.nodes.update({"i-1": "127.0.0.77"}),
        "bastion: cannot tell: no control got through ("
        + ", ".join(f"http://127.0.0.77:{it} no connection" for it in NODE_PORTS)
        + ")",
    ),
    (3, "one node does not answer"): (
        lambda it: it.nodes.update({"i-3": "127.0.0.4"}),
        "bastion: http://127.0.0.4:PORT/ no connection",
    ),
    (3, "the cluster has no nodes"): (
        lambda it: it.nodes.clear(),
        "; ".join(f"{it}: the cluster has no nodes" for it in ("bastion", "IPs", "here")),
    ),
    (3, "a node has a public address"): (
        lambda it: it.account.public.update({"i-2": "198.51.100.7"}),
        "IPs: i-2 has 198.51.100.7",
    ),
    (3, "a node port is reached from here"): (
        lambda it: it.leads("127.0.0.3", it.nginx, "127.0.0.3"),
        "here: 127.0.0.3:PORT answered",
    ),
    (3, "this machine has no network, so that silence proves nothing"): (
        lambda it: it.routes.clear(),
        f"here: cannot tell: no control got through ({ALB}:80 no route, {NLB}:80 no route)",
    ),
    (3, "the NodePort Service is of another type"): (
        lambda it: it.services["nginx-node-port"]["spec"].update(type="ClusterIP"),
        "; ".join(f"{it}: no Service of type NodePort: ClusterIP" for it in ("bastion", "here")),
    ),
    (4, "the load balancer is not made yet"): (
        lambda it: it.services["nginx-load-balancer"].update(status={}),
        "; ".join(
            f"{it}: Service nginx-load-balancer has no load balancer (yet)"
            for it in ("ELB", "here")
        ),
    ),
    (4, "the load balancer does not answer"): (
        lambda it: it.routes.pop((NLB, 80)),
        "here: no route to host",
    ),
    (4, "the scheme is not the stack's"): (
        lambda it: it.account.schemes.update({NLB: "internal"}),
        "ELB: nlb, internal",
    ),
    (4, "it is a network load balancer in place of a classic one"): (
        lambda it: it.outputs["load_balancing"].update(kind="classic"),
        f"ELB: ELB has no classic load balancer {NLB}",
    ),
    (5, "google-service is another name"): (
        lambda it: it.cluster_names.update({GOOGLE: "example.org"}),
        "cluster DNS: google-service: CNAME example.org",
    ),
    (5, "google-service is gone"): (
        lambda it: it.cluster_names.clear(),
        f"cluster DNS: google-service: NXDOMAIN for {GOOGLE}",
    ),
    (5, "the cluster has no DNS"): (
        lambda it: it.kubectl.answers("service/kube-dns", None),
        "cluster DNS: google-service: kubectl port-forward: service/kube-dns not found",
    ),
    (6, "an error page has the right word"): (
        lambda it: it.leads("svc1.example.com", it.serves("svc-1", status=503)),
        "GET http://svc1.example.com: status 503: 'svc-1'",
    ),
    (9, "a rule leads to the other Service"): (
        lambda it: it.account.rules[1].update(forward("group-1", "svc2.example.com", "2")),
        "ELB: svc2: port 30001, not 30002",
    ),
    (9, "ELB knows no such load balancer"): (
        lambda it: it.account.schemes.pop(ALB),
        f"ELB: ELB has no application load balancer {ALB}",
    ),
    (9, "there is no HTTP listener"): (
        lambda it: setattr(it.account, "ports", (443,)),
        "ELB: no listener on port 80 (ports: 443)",
    ),
    (9, "there is no right to look"): (
        lambda it: setattr(it.account, "error", ("AccessDenied", "not you")),
        f"could not run: ELB, asked for {ALB}, answers AccessDenied: not you",
    ),
    (10, "a record points elsewhere"): (
        lambda it: it.account.records[1].update(cname("svc1.example.com", NLB)),
        f"zone: svc1.example.com → {NLB}",
    ),
    (10, "a record is an alias"): (
        lambda it: it.account.records[2].update(Type="A"),
        "zone: svc2.example.com has no CNAME record (records: A)",
    ),
    (10, "DNS says otherwise"): (
        lambda it: it.public_names.update({"svc.example.com": "old.example.org"}),
        "DNS: svc.example.com → old.example.org",
    ),
    (10, "DNS knows no such name"): (
        lambda it: it.public_names.pop("svc.example.com"),
        "DNS: The DNS query name does not exist: svc.example.com",
    ),
    (10, "a further host has no record"): (
        lambda it: it.account.records.pop(),
        "zone: shop.example.com has no CNAME record (records: none)",
    ),
    (9, "a path leads to the other Service of its host"): (
        lambda it: it.account.rules.pop(2),
        "ELB: shop/cart: port 30003, not 30004",
    ),
    (11, "the Ingress is of the other scheme"): (
        lambda it: it.account.schemes.update({ALB: "internal"}),
        "ELB: alb, internal",
    ),
    (11, "the default is another page"): (
        lambda it: it.pages.update({ALB: "svc-2"}),
        "here: 'svc-2'",
    ),
    (12, "a further host has another page"): (
        lambda it: it.pages.update({"shop.example.com": "svc-1"}),
        "GET every host: http://shop.example.com/ 'svc-1'",
    ),
    (12, "an image answers with an error"): (
        lambda it: it.leads("shop.example.com", it.serves("Hello", status=500)),
        "GET every host: http://shop.example.com/ status 500: 'Hello', "
        "http://shop.example.com/cart status 500",
    ),
    (12, "a further host is not reached"): (
        lambda it: it.routes.pop(("shop.example.com", 80)),
        "GET every host: http://shop.example.com/ no route to host, "
        "http://shop.example.com/cart no route to host",
    ),
}


@pytest.mark.parametrize(("number", "what"), BROKEN)
def test_a_check_fails_when(stand: Stand, number: int, what: str) -> None:
    breaks, saw = BROKEN[number, what]
    breaks(stand)

    assert failed(stand.checked(number)).replace(f":{stand.nginx}", ":PORT") == saw


@pytest.mark.parametrize(("number", "host"), [(6, "svc1"), (7, "svc2"), (8, "svc")])
def test_a_check_of_a_name_fails_on_another_page_and_without_one(
    stand: Stand, number: int, host: str
) -> None:
    stand.pages[f"{host}.example.com"] = "svc-1 and more"
    assert failed(stand.checked(number)) == f"GET http://{host}.example.com: 'svc-1 and more'"

    del stand.routes[f"{host}.example.com", 80]
    assert failed(stand.checked(number)) == f"GET http://{host}.example.com: no route to host"


def test_2_takes_no_silence_for_proof_without_curl_on_the_bastion(
    stand: Stand, tmp_path: Path
) -> None:
    path = stand.ssm.environment["PATH"]
    for tool in ("sh", "mktemp", "rm", "head", "base64", "tr", "sha256sum"):
        (tmp_path / tool).symlink_to(shutil.which(tool, path=path) or "missing")
    stand.ssm.environment = {"PATH": str(tmp_path)}

    assert failed(stand.checked(2)).endswith("there is no curl")


def test_9_holds_where_targets_are_pods(stand: Stand) -> None:
    path = "/apis/discovery.k8s.io/v1/namespaces/service-types/endpointslices"
    names = {1: "service-1", 2: "service-2", 3: "shop", 4: "cart"}
    slices = [
        {
            "metadata": {"labels": {"kubernetes.io/service-name": name}},
            "ports": [{"port": 80}],
            "endpoints": [{"addresses": [f"10.0.0.{number}"]}],
        }
        for number, name in names.items()
    ]
    stand.kubectl.answers(path, {"items": slices})
    stand.outputs["load_balancing"]["target_type"] = stand.account.target_type = "ip"
    for number in names:
        stand.account.targets[f"group-{number}"] = [(f"10.0.0.{number}", 80, "healthy")]
    result = stand.checked(9)
    assert result.ok, failed(result)
    stand.account.targets["group-3"] = [("10.0.0.9", 80, "healthy")]
    assert failed(stand.checked(9)) == "ELB: shop: port 10.0.0.9:80, not 10.0.0.3:80"


def test_12_has_nothing_to_do_without_further_hosts(stand: Stand) -> None:
    stand.outputs["hosts"] = stand.outputs["hosts"][:2]
    (outcome,) = stand.checked(12).outcomes
    assert outcome.verdict.saw == "none beside the post's"
