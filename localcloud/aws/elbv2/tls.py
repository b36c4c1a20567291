"""The certificates and security policies of HTTPS and TLS listeners.

docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html,
.../describe-ssl-policies.html and .../https-listener-certificates.html; for TLS listeners the pages
of .../latest/network.
"""

from collections.abc import Mapping
from typing import Any

from moto.elbv2.models import FakeListener
from moto.elbv2.ssl_policies import SSL_POLICIES

from localcloud.aws import acm_backend as acm
from localcloud.aws.elbv2.offered import not_offered
from localcloud.aws.errors import AwsError

PROTOCOLS = ("HTTPS", "TLS")
DEFAULT_POLICY = "ELBSecurityPolicy-2016-08"  # of a listener that is made by the API
MOST_CERTIFICATES = 25  # besides the default one


def check_parameters(params: Mapping[str, Any]) -> None:
    """Raise AwsError for parameters of CreateListener or ModifyListener that moto would ignore."""
    mode = (params.get("MutualAuthentication") or {}).get("Mode", "off")
    if mode != "off":
        raise not_offered(f"mutual authentication ({mode})")
    alpn = [each for each in params.get("AlpnPolicy") or [] if each != "None"]
    if alpn:
        raise not_offered(f"the ALPN policy {', '.join(alpn)}")
    protocol = params.get("Protocol", "HTTPS")
    if params.get("SslPolicy") and protocol not in PROTOCOLS:
        text = f"An SSL policy cannot be specified for {protocol} listeners"
        raise AwsError("ValidationError", text)
    if len(params.get("Certificates") or []) > 1:
        raise AwsError("ValidationError", "Only one certificate, the default one, can be specified")


def check(protocol: str, policy: str | None, certificate: str | None, region: str) -> str | None:
    """The security policy of a listener with these settings, None for one without TLS.

    Raises AwsError for what does not fit together or is not there.
    """
    if protocol not in PROTOCOLS:
        for what, value in (("A certificate", certificate), ("An SSL policy", policy)):
            if value:
                raise AwsError(
                    "ValidationError", f"{what} cannot be specified for {protocol} listeners"
                )
        return None
    if not certificate:
        text = f"A certificate must be specified for {protocol} listeners"
        raise AwsError("ValidationError", text)
    check_certificate(certificate, region)
    if policy and policy not in SSL_POLICIES:
        if "FIPS" in policy or "-FS-" in policy:
            raise not_offered(f"the security policy {policy}")
        raise AwsError("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
    return policy or DEFAULT_POLICY


def check_certificate(arn: str, region: str) -> None:
    """Raise AwsError for a certificate that is not there, or that ACM has not issued."""
    if ":server-certificate/" in arn:
        raise not_offered("a server certificate of IAM")
    record = acm.of_region(region).records.get(arn)
    if record is None:
        raise AwsError("CertificateNotFound", f"Certificate '{arn}' not found")
    if record.status != acm.ISSUED:
        raise AwsError(
            "UnsupportedCertificate",
            f"The certificate '{arn}' must have a fully-qualified domain name, a supported"
            " signature, and a supported key size.",
        )


def certificates_of(listener: FakeListener) -> list[str]:
    """The ARNs of a listener's certificates, the default first."""
    return [*listener.certificates, *more_of(listener)]


def more_of(listener: FakeListener) -> list[str]:
    """The ARNs of those besides the default one."""
    found: list[str] = getattr(listener, "more_certificates", [])
    return found


def add(listener: FakeListener, arns: list[str], region: str) -> list[str]:
    """Add certificates to a listener; returns those that it has besides the default one.

    One that it has already is not added again. Raises AwsError.
    """
    if listener.protocol not in PROTOCOLS:
        text = f"A certificate cannot be specified for {listener.protocol} listeners"
        raise AwsError("ValidationError", text)
    for arn in arns:
        check_certificate(arn, region)
    more = list(dict.fromkeys([*more_of(listener), *arns]))
    if len(more) > MOST_CERTIFICATES:
        text = f"The maximum number of certificates for the listener '{listener.arn}' has been"
        raise AwsError("TooManyCertificates", f"{text} reached: {MOST_CERTIFICATES}")
    listener.more_certificates = more  # type: ignore[attr-defined]  # ours
    return more


def remove(listener: FakeListener, arns: list[str]) -> None:
    """Remove certificates from a listener. Raises AwsError for the default one."""
    if set(arns) & set(listener.certificates) - set(more_of(listener)):
        text = "The default certificate cannot be removed from a listener's certificates"
        raise AwsError("OperationNotPermitted", text)
    listener.more_certificates = [  # type: ignore[attr-defined]  # ours
        each for each in more_of(listener) if each not in arns
    ]
