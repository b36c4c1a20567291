"""TLS listeners in nginx's configuration: certificates by server name, and security policies.

The configuration, which root alone may read, contains the certificates and keys themselves. They
are not in files, since nginx opens the file of a certificate chosen by name in a worker, which is
not root.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from moto.elbv2.ssl_policies import SSL_POLICIES

from localcloud.aws.elbv2.snapshots import Listener, TargetGroup
from localcloud.aws.snapshots import Certificate
from localcloud.pki import dns_names

PROTOCOLS = ("HTTPS", "TLS")
LONGEST = 3000  # characters of a value; nginx accepts 4096
NAME = re.compile(r"[A-Za-z0-9*._-]+")  # so that no name can add a directive
OLD = {"TLSv1", "TLSv1.1"}  # need a lower security level of OpenSSL than its default
# What load balancers offer to TLS targets, whose certificates they do not verify:
# docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
TO_TARGETS = "proxy_ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;"


@dataclass(frozen=True)
class TlsSettings:
    """Certificates by ARN, and the ARNs of two kinds of target groups: `tls_groups` use TLS or
    HTTPS, and the targets of `client_ip_groups` see the clients' addresses."""

    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    tls_groups: frozenset[str] = frozenset()
    client_ip_groups: frozenset[str] = frozenset()


def settings(certificates: Iterable[Certificate], groups: Iterable[TargetGroup]) -> TlsSettings:
    """The settings for all load balancers, from these records."""
    known = list(groups)
    return TlsSettings(
        {each.arn: each for each in certificates},
        frozenset(group.arn for group in known if group.protocol in PROTOCOLS),
        frozenset(group.arn for group in known if group.preserve_client_ip),
    )


def is_secure(listener: Listener) -> bool:
    return listener.protocol in PROTOCOLS


def directives(listener: Listener, indent: str = "    ") -> str:
    """The certificate, protocols and ciphers of a listener; "" without TLS.

    Raises ValueError for an unknown security policy.
    """
    if not is_secure(listener):
        return ""
    policy: Any = SSL_POLICIES.get(str(listener.ssl_policy))
    if policy is None:
        raise ValueError(f"{listener.arn}: SSL policy {listener.ssl_policy} is not implemented")
    protocols = list(policy["ssl_protocols"])
    # The ciphers of TLS 1.3 are the same in all policies, and OpenSSL's default.
    ciphers = [each for each in policy["ciphers"] if not each.startswith("TLS_")]
    lines = [
        f"ssl_certificate data:$chain_of_{listener.port};",
        f"ssl_certificate_key data:$key_of_{listener.port};",
        f"ssl_protocols {' '.join(protocols)};",
        "ssl_prefer_server_ciphers on;",
    ]
    if ciphers:
        level = ":@SECLEVEL=0" if OLD & set(protocols) else ""
        lines.append(f"ssl_ciphers {':'.join(ciphers)}{level};")
    return "".join(f"{indent}{line}\n" for line in lines)


def variables(listeners: Iterable[Listener], settings: TlsSettings) -> str:
    """The nginx variables with the chain, key and ARN of the certificate for each TLS listener, by
    the server name that the client asks for.

    Raises ValueError for a listener without a certificate, or with one that does not exist.
    """
    secure = [each for each in listeners if is_secure(each)]
    if bare := [each.arn for each in secure if not each.certificates]:
        raise ValueError(f"{bare[0]}: a TLS or HTTPS listener needs a certificate")
    arns = list(dict.fromkeys(arn for each in secure for arn in each.certificates))
    if missing := [arn for arn in arns if arn not in settings.certificates]:
        raise ValueError(f"the certificate {missing[0]} does not exist")
    texts = ""
    for number, one in enumerate(settings.certificates[arn] for arn in arns):
        texts += _text(f"chain_{number}", one.full_chain) + _text(f"key_{number}", one.key)
        texts += _text(f"arn_{number}", one.arn)
    leaves = {arn: _leaf(settings.certificates[arn]) for arn in arns}
    return texts + "".join(
        _choice(what, each, arns, leaves) for each in secure for what in ("chain", "key", "arn")
    )


def _text(name: str, text: str) -> str:
    """A variable that holds a text, in parts that are short enough for nginx."""
    parts = [text[at : at + LONGEST] for at in range(0, len(text), LONGEST)]
    named = {f"{name}_{number}": part for number, part in enumerate(parts)}
    named[name] = "".join(f"${{{each}}}" for each in list(named))
    return "".join(
        f'  map "" ${each} {{\n    default "{part}";\n  }}\n' for each, part in named.items()
    )


def _choice(
    what: str, listener: Listener, arns: list[str], leaves: Mapping[str, x509.Certificate]
) -> str:
    """A map from server names to the variables of certificates; the first match decides.

    The default certificate is for names that no other has; of several that match, the best is
    chosen as in
    docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html.
    """
    default, *others = listener.certificates
    others.sort(key=lambda arn: _rank(leaves[arn]), reverse=True)
    lines = [
        f'    "~*^{_expression(name)}$" "${what}_{arns.index(arn)}";\n'
        for arn in others
        for name in _names(leaves[arn])
    ]
    lines.append(f'    default "${what}_{arns.index(default)}";\n')
    return f"  map $ssl_server_name ${what}_of_{listener.port} {{\n{''.join(lines)}  }}\n"


def _expression(name: str) -> str:
    """A name of a certificate as a regular expression; `*` stands for one label."""
    return re.escape(name).replace(r"\*", "[^.]+").replace("\\", "\\\\")


def _rank(leaf: x509.Certificate) -> tuple[Any, ...]:
    """ECDSA before RSA, then the longer key, then the longer validity."""
    key: Any = leaf.public_key()
    end = leaf.not_valid_after_utc
    return isinstance(key, ec.EllipticCurvePublicKey), key.key_size, end - leaf.not_valid_before_utc


def _leaf(certificate: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificates(certificate.full_chain.encode())[0]


def _names(leaf: x509.Certificate) -> list[str]:
    return [name for name in dns_names(leaf) if NAME.fullmatch(name)]
