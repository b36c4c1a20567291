"""Bad entries of the setting `services`, and more than a load balancer takes."""

import json
from typing import Any

import pulumi
import pytest

from settings.rules import LONGEST_HOST
from tests.unit.program.recording import PROJECT, Recording, run
from tests.unit.program.test_services import DOMAIN, IP, rules, serving


def hosts(count: int) -> dict[str, Any]:
    """That many entries, each with a host of its own."""
    return {f"s{n}": {"page": "x", "host": f"h{n}"} for n in range(count)}


PAGE = {"page": "x"}
# An entry, the key that the line names and its value there, and what it says besides.
REFUSED: dict[str, tuple[dict[str, Any], str, Any, str]] = {
    "name of the post": ({"service-1": PAGE}, "", "service-1", "a Service or server of the post"),
    "server of the post": ({"svc-1": PAGE}, "", "svc-1", "a Service or server of the post"),
    "no label": ({"my_shop": PAGE}, "", "my_shop", "lower-case letters, digits and -"),
    "a digit first": ({"1a": PAGE}, "", "1a", "a letter first; rename it"),
    "a label too long": ({"a" * 64: PAGE}, "", "a" * 64, "must be at most 63"),
    "no object": ({"a": "Hello"}, ".a", "Hello", "must be an object, such as {page"),
    "misspelt key": ({"a": {"paeg": "x"}}, ".a.paeg", "x", "no such key; did you mean page?"),
    "unknown key": ({"a": {"zzz": 1}}, ".a.zzz", 1, "no such key; it may be page, image"),
    "page as a number": ({"a": {"page": 7}}, ".a.page", 7, "must be text, in quotes"),
    "replicas as text": ({"a": {**PAGE, "replicas": "2"}}, ".a.replicas", "2", "a whole number"),
    "replicas as a flag": ({"a": {**PAGE, "replicas": True}}, ".a.replicas", True, "whole number"),
    "no replicas": ({"a": {**PAGE, "replicas": 0}}, ".a.replicas", 0, "must be 1 to 1000"),
    "less than none": ({"a": {**PAGE, "replicas": -1}}, ".a.replicas", -1, "must be 1 to 1000"),
    "unknown type": ({"a": {**PAGE, "type": "Nlb"}}, ".a.type", "Nlb", "must be one of ClusterIP"),
    "neither page nor image": ({"a": {"host": "a"}}, ".a", {"host": "a"}, "must have one of page"),
    "page and image": (
        {"a": {"page": "x", "image": "b:1"}}, ".a", {"page": "x", "image": "b:1"}, "one of page",
    ),
    "image that moves": ({"a": {"image": "b:latest"}}, ".a.image", "b:latest", "a tag other than"),
    "port of a page": ({"a": {**PAGE, "port": 81}}, ".a.port", 81, "for an image only"),
    "user of a page": ({"a": {**PAGE, "user": 1}}, ".a.user", 1, "for an image only"),
    "root": ({"a": {"image": "b:1", "user": 0}}, ".a.user", 0, "must be 1 to 65535"),
    "no port": ({"a": {"image": "b:1", "port": 65536}}, ".a.port", 65536, "must be 1 to 65535"),
    "path without a host": ({"a": {**PAGE, "path": "/a"}}, ".a.path", "/a", "needs a host; set"),
    "relative path": ({"a": {**PAGE, "host": "a", "path": "b"}}, ".a.path", "b", "must be such as"),
    "path upwards": ({"a": {"image": "b:1", "path": "/../b"}}, ".a.path", "/../b", "such as / or"),
    "pattern": ({"a": {"image": "b:1", "path": "/*"}}, ".a.path", "/*", "must be such as / or"),
    "the post's host": ({"a": {**PAGE, "host": "svc2"}}, ".a.host", f"svc2.{DOMAIN}",
                        "with path / is taken by service-2; set another host or path"),
    "the post's default": ({"a": {**PAGE, "host": "svc"}}, ".a.host", f"svc.{DOMAIN}",
                           "with path / is taken by the post's default backend"),
    "a host twice": (
        {"a": {**PAGE, "host": "h", "path": "/x"}, "b": {**PAGE, "host": "h", "path": "/x/"}},
        ".b.host", f"h.{DOMAIN}", "with path /x/ is taken by a; set another host or path",
    ),
    "host outside": ({"a": {**PAGE, "host": "a.org"}}, ".a.host", "a.org", "be one label, such"),
    "apex": ({"a": {**PAGE, "host": DOMAIN}}, ".a.host", DOMAIN, f"or a name below {DOMAIN}"),
    "host in capitals": ({"a": {**PAGE, "host": "Shop"}}, ".a.host", "Shop", "in lower case"),
    "wildcard": ({"a": {**PAGE, "host": "*"}}, ".a.host", "*", "must be a DNS name"),
    "host too long": (
        {"a": {**PAGE, "host": f"{'a.' * 60}{DOMAIN}"}}, ".a.host", f"{'a.' * 60}{DOMAIN}",
        f"{LONGEST_HOST} characters at most",
    ),
    "image without the tag's name": ({"a": {"image": "b:"}}, ".a.image", "b:", "in lower case"),
    "image with two tags": ({"a": {"image": "b:1:2"}}, ".a.image", "b:1:2", "in lower case"),
    "image in capitals": ({"a": {"image": "b/C:1"}}, ".a.image", "b/C:1", "in lower case"),
    "image of other letters": ({"a": {"image": "bé:1"}}, ".a.image", "bé:1", "in lower case"),
    "part of a digest": (
        {"a": {"image": "b@sha256:0"}}, ".a.image", "b@sha256:0", "of 64 hexadecimal digits",
    ),
    "other letters in a path": ({"a": {"image": "b:1", "path": "/é"}}, ".a.path", "/é", "such as"),
    "a file of nginx": (
        {"a": {**PAGE, "host": "a", "path": "/index.html"}}, ".a.path", "/index.html",
        "must not begin with index.html or 50x.html: nginx's image has",
    ),
    "target too long": (
        {"a": {"type": "ExternalName", "target": "a." * 126 + "de"}}, ".a.target",
        f"{'a.' * 126}de", "of 253 characters at most",
    ),
    "host of a ClusterIP": (
        {"a": {**PAGE, "type": "ClusterIP", "host": "a"}}, ".a.host", "a",
        "needs type NodePort or LoadBalancer, whose node ports the Ingress uses while target-t",
    ),
    "host of an ExternalName": (
        {"a": {"type": "ExternalName", "target": "a.org", "host": "a"}}, ".a.host", "a",
        "must not be set with type ExternalName",
    ),
    "no target": ({"a": {"type": "ExternalName"}}, ".a.target", None, "must be a DNS name in low"),
    "an address as target": (
        {"a": {"type": "ExternalName", "target": "1.2.3.4"}}, ".a.target", "1.2.3.4", "a DNS name",
    ),
    "target of a server": ({"a": {**PAGE, "target": "a.org"}}, ".a.target", "a.org", "for type E"),
    "more rules than a load balancer takes": (
        hosts(99), "", "101 hosts and paths", "must be 100 at most, two of them the post's",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_entry_stops_the_run_in_one_line_before_any_resource(case: str) -> None:
    entries, key, value, rule = REFUSED[case]
    recording = Recording()
    with pytest.raises(pulumi.RunError) as stopped:
        run("dev", {"services": entries}, recording)
    line = str(stopped.value)
    assert line.startswith(f"{PROJECT}:services{key} is {json.dumps(value)}: ")
    assert rule in line
    assert "\n" not in line
    assert [it.type for it in recording.resources.values()] == ["pulumi:pulumi:Stack"]


def test_the_name_of_the_load_balancer_with_tls_is_no_host() -> None:
    entries = {"a": {**PAGE, "host": "nlb", "path": "/a"}}
    assert "nlb" in rules(serving(**entries))
    line = rf"services\.a\.host is \"nlb\.{DOMAIN}\": leads to the load balancer of nginx-load-"
    with pytest.raises(pulumi.RunError, match=line):
        serving({"load-balancer-tls": True}, **entries)


@pytest.mark.parametrize(
    ("changes", "replicas", "rule"),
    [
        ({"node-count": 333}, 2, None),
        ({"node-count": 334}, 2, "node-count is 334: must be 333 at most, as the Ingress's load"),
        ({"node-count": 334, **IP}, 996, None),
        (IP, 997, 'services is "1001 pods with hosts": must be 1000 at most'),
    ],
)
def test_a_load_balancer_has_a_thousand_targets(
    changes: dict[str, Any], replicas: int, rule: str | None
) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""
    entries = {"a": {**PAGE, "host": "a", "replicas": replicas}}
    if rule is None:
        assert "a" in rules(serving(changes, **entries))
        return
    with pytest.raises(pulumi.RunError, match=rule):
        serving(changes, **entries)


def test_a_hundred_rules_are_what_a_load_balancer_takes() -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""
    assert len(rules(serving(**hosts(98)))) == 100


def test_without_nat_no_image_comes_from_the_internet() -> None:
    own = "10.0.0.9:5000/a"
    images = {"nginx-image": f"{own}:1.0", "controller-image-repository": own}
    network = {"nat": "none", "vpc-endpoints": True}
    with pytest.raises(pulumi.RunError, match=r"cannot pull services\.a\.image team/api:1\.2"):
        serving({**network, **images}, a={"image": "team/api:1.2"})
