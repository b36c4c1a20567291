"""TLS by the settings `tls` and `load-balancer-tls`.

kubernetes-sigs.github.io/aws-load-balancer-controller/latest, guide/ingress/annotations and
guide/service/annotations
"""

import json
from typing import Any

import pulumi
import pytest

from components.certificate import certificate_names
from components.load_balancing import SSL_POLICY
from tests.unit.program.recording import Recording, at, run

ALB = "alb.ingress.kubernetes.io"
NLB = "service.beta.kubernetes.io/aws-load-balancer"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
SERVICE = "kubernetes:core/v1:Service"
RECORD = "aws:route53/record:Record"
CERTIFICATE = "arn:aws:mock:::certificate-hosts"
DEEP = {"services": {"shop": {"page": "shop", "host": "a.b.dev.shop.internal"}}}


def annotations(program: Recording, type_: str, prefix: str, name: str = "") -> dict[str, Any]:
    """Those of TLS."""
    found = at(program.one(type_, name or None).inputs, "metadata.annotations")
    words = ("certificate-arn", "listen-ports", "ssl-")
    return {
        key.removeprefix(prefix): value
        for key, value in found.items()
        if any(word in key for word in words)
    }


def test_the_ingress_serves_https_alone_once_the_certificate_is_issued(dev: Recording) -> None:
    found = annotations(dev, INGRESS, f"{ALB}/")
    assert json.loads(found.pop("listen-ports")) == [{"HTTP": 80}, {"HTTPS": 443}]
    policy = {"ssl-redirect": "443", "ssl-policy": SSL_POLICY}
    assert found == {"certificate-arn": CERTIFICATE, **policy}
    validation = dev.one("aws:acm/certificateValidation:CertificateValidation")
    assert validation.urn in dev.needs(dev.one(INGRESS))
    proof = dev.one(RECORD, "certificate-proof-all")
    assert proof.urn in dev.needs(validation)
    assert (proof.inputs["name"], proof.inputs["records"], proof.inputs["zoneId"]) == (
        "_1.dev.shop.internal.",
        ["_2.acm-validations.aws."],
        "Z0MADE",
    )


def test_without_tls_there_is_no_certificate(local: Recording) -> None:
    assert local.of("aws:acm/certificate:Certificate") == []
    assert annotations(local, INGRESS, f"{ALB}/") == {}
    assert annotations(local, SERVICE, NLB, "services-nginx-load-balancer") == {}


def test_the_load_balancer_of_a_service_serves_tls_by_setting() -> None:
    program = run("dev", {"load-balancer-tls": True})
    service = program.one(SERVICE, "services-nginx-load-balancer")
    assert annotations(program, SERVICE, NLB, service.name) == {
        "-ssl-cert": CERTIFICATE,
        "-ssl-ports": "443",
        "-ssl-negotiation-policy": SSL_POLICY,
    }
    ports = [(each["port"], each["targetPort"]) for each in service.inputs["spec"]["ports"]]
    assert ports == [(80, "http"), (443, "http")]
    record = program.one(RECORD, "dns-nlb")
    assert record.inputs["name"] == "nlb.dev.shop.internal"
    assert service.urn in program.needs(record)


def test_a_wildcard_covers_the_hosts_right_below_the_domain() -> None:
    program = run("dev", DEEP)
    inputs = program.one("aws:acm/certificate:Certificate").inputs
    assert inputs["domainName"] == "*.dev.shop.internal"
    assert inputs["subjectAlternativeNames"] == ["a.b.dev.shop.internal"]
    assert program.one(RECORD, "certificate-proof-a.b").inputs["name"] == (
        "_1.a.b.dev.shop.internal."
    )


def test_a_certificate_has_ten_names_at_most() -> None:
    """docs.aws.amazon.com/acm/latest/userguide/acm-limits.html"""
    hosts = [f"a.{number}.example.com" for number in range(9)]
    assert len(certificate_names("example.com", ["svc.example.com", *hosts])) == 10
    with pytest.raises(ValueError, match="have at most 9 hosts that are not right below"):
        certificate_names("example.com", ["svc.example.com", *hosts, "a.9.example.com"])


@pytest.mark.parametrize(("length", "refused"), [(62, False), (63, True)])
def test_the_first_name_of_a_certificate_has_64_characters_at_most(
    length: int, refused: bool
) -> None:
    """docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html (DomainName)"""
    changes: dict[str, Any] = {"domain": f"{'a' * (length - 14)}.shop.internal"}
    if refused:
        with pytest.raises(pulumi.RunError, match="have a domain of at most 62 characters"):
            run("dev", changes)
        changes["tls"] = False
    assert run("dev", changes).exports["domain"] == changes["domain"]


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ({}, True),
        ({"zone_name_servers": ["ns-1.example"]}, False),
        ({"zone_name_servers": ["ns-1.old"]}, True),  # of another zone
    ],
)
def test_a_new_zones_servers_are_told_while_the_certificate_waits(
    monkeypatch: pytest.MonkeyPatch, before: dict[str, list[str]], told: bool
) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.log.info", lambda text, *_: said.append(text))
    outputs = {"bastion_instance_id": "i-1", **before}
    answers = {"pulumi:pulumi:readStackOutputs": {"outputs": outputs}}
    run("dev", answers=answers)
    words = "put these name servers of dev.shop.internal into its parent zone now"
    assert [text for text in said if words in text and "ns-1.example" in text] == said * told
    assert bool(said) == told
