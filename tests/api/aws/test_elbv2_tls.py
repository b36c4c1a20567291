"""docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html and
.../https-listener-certificates.html; the words of refusals are those of AWS in
github.com/pulumi/pulumi-awsx/issues/1242, github.com/awslabs/fargatecli/issues/104 and
github.com/crossplane-contrib/provider-upjet-aws/issues/338."""

from typing import Any

import pytest

from tests.api.aws.acm import Acm
from tests.api.aws.support import FIXED, Elb, forward, refuses

NOWHERE = "arn:aws:acm:eu-west-1:123456789012:certificate/none"
NEWEST = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


def given(*arns: str) -> dict[str, Any]:
    return {"Certificates": [{"CertificateArn": arn} for arn in arns]}


class Https:
    """A listener with the certificate `one`; `two` is another one."""

    def __init__(self, elb: Elb, acm: Acm) -> None:
        self.elb, self.client, self.acm = elb, elb.client, acm
        self.one, self.two = acm.issued("a.shop.internal"), acm.issued("b.shop.internal")
        self.balancer = elb.balancer()
        self.arn = self.create(**given(self.one))["ListenerArn"]

    def arguments(self, **more: Any) -> dict[str, Any]:
        """CreateListener's."""
        call = {"Protocol": "HTTPS", "Port": 443, "DefaultActions": [FIXED]}
        return {"LoadBalancerArn": self.balancer, **call, **more}

    def create(self, **more: Any) -> dict[str, Any]:
        return dict(self.client.create_listener(**self.arguments(**more))["Listeners"][0])

    def modify(self, **more: Any) -> dict[str, Any]:
        made = self.client.modify_listener(ListenerArn=self.arn, **more)
        return dict(made["Listeners"][0])

    def certificates(self) -> list[tuple[str, bool]]:
        found = self.client.describe_listener_certificates(ListenerArn=self.arn)["Certificates"]
        return [(each["CertificateArn"], each["IsDefault"]) for each in found]


@pytest.fixture
def https(elb: Elb, acm: Acm) -> Https:
    return Https(elb, acm)


def test_a_listener_has_its_default_certificate_and_a_policy(https: Https) -> None:
    """describe-ssl-policies.html: without one a listener of the API gets the policy of 2016-08."""
    (seen,) = https.client.describe_listeners(ListenerArns=[https.arn])["Listeners"]
    assert (seen["Certificates"], seen["SslPolicy"]) == (
        [{"CertificateArn": https.one}],
        "ELBSecurityPolicy-2016-08",
    )
    changed = https.modify(SslPolicy=NEWEST, **given(https.two))
    assert (changed["Certificates"], changed["SslPolicy"]) == (
        [{"CertificateArn": https.two}],
        NEWEST,
    )
    (record,) = https.elb.api.snapshots.load_balancers()[0].listeners
    assert (record.certificates, record.ssl_policy) == ((https.two,), NEWEST)
    plain = https.modify(Protocol="HTTP", Port=80)
    assert {"Certificates", "SslPolicy"}.isdisjoint(plain)
    secure = https.modify(Protocol="HTTPS", Port=443, **given(https.one))
    assert secure["Certificates"] == [{"CertificateArn": https.one}]


def test_certificates_are_added_for_server_name_indication(https: Https) -> None:
    arn = {"ListenerArn": https.arn}
    for _ in range(2):  # one that is there already is not added again
        https.client.add_listener_certificates(**arn, **given(https.two))
    assert https.certificates() == [(https.one, True), (https.two, False)]
    (seen,) = https.client.describe_listeners(ListenerArns=[https.arn])["Listeners"]
    assert seen["Certificates"] == [{"CertificateArn": https.one}]
    (record,) = https.elb.api.snapshots.load_balancers()[0].listeners
    assert record.certificates == (https.one, https.two)
    assert https.acm.seen(https.two)["InUseBy"] == [https.balancer]
    code = "OperationNotPermitted"
    refuses(https.client.remove_listener_certificates, code, "default", **arn, **given(https.one))
    https.client.remove_listener_certificates(**arn, **given(https.two))
    assert https.certificates() == [(https.one, True)]
    many = [https.acm.issued(f"n{number}.shop.internal") for number in range(26)]
    code = "TooManyCertificates"
    refuses(https.client.add_listener_certificates, code, "25", **arn, **given(*many))
    https.client.add_listener_certificates(**arn, **given(*many[:25]))
    assert len(https.certificates()) == 26


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({}, "ValidationError", "A certificate must be specified for HTTPS listeners"),
        (given(NOWHERE), "CertificateNotFound", f"Certificate '{NOWHERE}' not found"),
        ({"SslPolicy": "ELBSecurityPolicy-1"}, "SSLPolicyNotFound", "'ELBSecurityPolicy-1' not"),
        ({"SslPolicy": "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04"},
         "InvalidConfigurationRequest", "FIPS-2023-04 is not offered"),
        ({"MutualAuthentication": {"Mode": "verify", "TrustStoreArn": "arn:x"}},
         "InvalidConfigurationRequest", "mutual authentication (verify) is not offered"),
        ({"AlpnPolicy": ["HTTP2Only"]}, "InvalidConfigurationRequest", "ALPN policy HTTP2Only"),
        (given(NOWHERE, NOWHERE), "ValidationError", "Only one certificate"),
        ({"Protocol": "HTTP", **given(NOWHERE)},
         "ValidationError", "A certificate cannot be specified for HTTP listeners"),
        ({"Protocol": "HTTP", "SslPolicy": NEWEST},
         "ValidationError", "An SSL policy cannot be specified for HTTP listeners"),
    ],
)  # fmt: skip
def test_listeners_that_are_refused(https: Https, more: Any, code: str, words: str) -> None:
    secure = more and more.get("Protocol") != "HTTP"
    call = https.arguments(Port=8443, **{**(given(https.one) if secure else {}), **more})
    refuses(https.client.create_listener, code, words, **call)


def test_a_certificate_that_is_not_issued_is_refused(https: Https) -> None:
    pending = https.acm.request("c.shop.internal")
    words = f"The certificate '{pending}' must have a fully-qualified domain name"
    for call, target in (
        (https.client.create_listener, https.arguments(Port=8443)),
        (https.client.modify_listener, {"ListenerArn": https.arn}),
        (https.client.add_listener_certificates, {"ListenerArn": https.arn}),
    ):
        refuses(call, "UnsupportedCertificate", words, **target, **given(pending))


def test_a_network_balancer_has_tls_listeners_and_groups(elb: Elb, acm: Acm) -> None:
    """.../latest/network/create-tls-listener.html"""
    group = elb.group(Protocol="TLS", HealthCheckProtocol="HTTPS")
    call = {"LoadBalancerArn": elb.balancer("network"), "Port": 443, "Protocol": "TLS"}
    call["DefaultActions"] = [forward(group)]
    words = "A certificate must be specified for TLS listeners"
    refuses(elb.client.create_listener, "ValidationError", words, **call)
    made = elb.client.create_listener(**call, **given(acm.issued("shop.internal")))
    (listener,) = made["Listeners"]
    changed = elb.client.modify_listener(
        ListenerArn=listener["ListenerArn"], Protocol="TLS", SslPolicy=NEWEST
    )
    assert changed["Listeners"][0]["SslPolicy"] == NEWEST
    (found,) = elb.api.snapshots.target_groups()
    assert (found.protocol, found.health_check.protocol) == ("TLS", "HTTPS")


def test_the_security_policies_are_listed(elb: Elb) -> None:
    found = elb.client.describe_ssl_policies(Names=[NEWEST])["SslPolicies"]
    assert [each["SslProtocols"] for each in found] == [["TLSv1.3", "TLSv1.2"]]
    assert len(elb.client.describe_ssl_policies()["SslPolicies"]) > 10
