"""The cloud's own certificate authority, and the certificates that it issues."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=3650)
CLOCK_SKEW = timedelta(hours=1)
LONGEST_COMMON_NAME = 64  # characters
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
# By the names that ACM gives them.
KEY_TYPES: dict[str, Callable[[], PrivateKey]] = {
    "EC_prime256v1": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EC_secp384r1": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RSA_2048": lambda: rsa.generate_private_key(65537, 2048),
}


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key, both PEM text."""

    certificate: str
    key: str

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write `<name>.crt` and `<name>.key` (owner only) to a folder; returns both paths."""
        crt, key = folder / f"{name}.crt", folder / f"{name}.key"
        crt.write_text(self.certificate)
        key.touch(mode=0o600)
        key.write_text(self.key)
        return crt, key


def key_pem(key: PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def dns_names(certificate: x509.Certificate) -> list[str]:
    """The alternative names that are DNS names."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return extension.value.get_values_for_type(x509.DNSName)


def _name(common_name: str, organizations: Sequence[str] = ()) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, o) for o in organizations]
        + [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, begin: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin - CLOCK_SKEW)
        .not_valid_after(begin + lifetime)
    )


def _alternative_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Authority:
    """A certificate authority; `certificate` is its own certificate, PEM text."""

    def __init__(self, common_name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = _name(common_name)
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        self._certificate = (
            _builder(self._subject, self._subject, datetime.now(UTC), LIFETIME)
            .public_key(self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(self._identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate = self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(
        self,
        common_name: str,
        names: Sequence[str] = (),
        organizations: Sequence[str] = (),
        *,
        key_type: str = "EC_prime256v1",
        begin: datetime | None = None,
        lifetime: timedelta = LIFETIME,
    ) -> Certificate:
        """A certificate for server and client use.

        `names` are its DNS names and IP addresses; `organizations` are the groups that
        Kubernetes reads from a client certificate. `key_type` is one of KEY_TYPES; it is valid
        for `lifetime` from `begin`, by default now.
        """
        key = KEY_TYPES[key_type]()
        subject = _name(common_name[:LONGEST_COMMON_NAME], organizations)
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = (
            _builder(subject, self._subject, begin or datetime.now(UTC), lifetime)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._identifier),
                critical=False,
            )
        )
        if names:
            alternatives = x509.SubjectAlternativeName([_alternative_name(name) for name in names])
            builder = builder.add_extension(alternatives, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        return Certificate(pem, key_pem(key))
