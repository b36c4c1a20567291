"""Reads certificates that users import: PEM text, which has to fit together.

docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from localcloud.aws.errors import AwsError
from localcloud.pki import dns_names, key_pem

CURVES = {"secp256r1": "EC_prime256v1", "secp384r1": "EC_secp384r1", "secp521r1": "EC_secp521r1"}
RSA_SIZES = (1024, 2048, 3072, 4096)


@dataclass(frozen=True)
class Content:
    """PEM texts, and what they say."""

    certificate: str
    chain: str
    key: str
    names: tuple[str, ...]
    algorithm: str


def read(certificate: bytes, key: bytes, chain: bytes, now: datetime) -> Content:
    """Raises AwsError ValidationException for what ACM does not import."""
    try:
        (leaf,) = x509.load_pem_x509_certificates(certificate)
    except ValueError:
        raise _invalid("Provided certificate is not a single valid PEM-encoded one.") from None
    private: Any
    try:
        private = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError):
        raise _invalid("The private key is not supported, or is not unencrypted PEM.") from None
    if private.public_key() != leaf.public_key():
        raise _invalid("The private key does not match the certificate.")
    if not leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc:
        raise _invalid("The certificate is not in its validity period.")
    algorithm = _algorithm(private)
    return Content(_pem(leaf), _chain(leaf, chain), key_pem(private), names_of(leaf), algorithm)


def _pem(*certificates: x509.Certificate) -> str:
    """Their text, without what may stand between them."""
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates).decode()


def _chain(leaf: x509.Certificate, chain: bytes) -> str:
    """The chain, each certificate of which has issued the one before it."""
    try:
        issuers = x509.load_pem_x509_certificates(chain) if chain.strip() else []
        for subject, issuer in zip([leaf, *issuers], issuers, strict=False):
            subject.verify_directly_issued_by(issuer)
    except Exception as error:  # of several unrelated classes
        text = "Could not validate the certificate with the certificate chain."
        raise _invalid(text) from error
    return _pem(*issuers)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The subject's common name, if any, and the alternative DNS names."""
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    names = [*(str(each.value) for each in common), *dns_names(certificate)]
    return tuple(dict.fromkeys(names)) or ("",)


def _algorithm(key: Any) -> str:
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size in RSA_SIZES:
        return f"RSA_{key.key_size}"
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    raise _invalid("The private key algorithm is not supported.")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
