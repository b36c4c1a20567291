"""Certificates with names and groups. That TLS accepts them shows kubernetes/test_api."""

from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from localcloud.pki import Authority


def test_a_certificate_is_for_its_names_and_its_organizations_are_groups() -> None:
    names, groups = ["127.0.0.1", "api.example"], ["system:nodes"]
    pem = Authority("c").issue("system:node:a", names, organizations=groups).certificate
    certificate = x509.load_pem_x509_certificate(pem.encode())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.IPAddress) == [ip_address("127.0.0.1")]
    assert found.get_values_for_type(x509.DNSName) == ["api.example"]
    organizations = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert [each.value for each in organizations] == groups


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    _, key = Authority("c").issue("a").write(tmp_path, "a")
    assert key.stat().st_mode & 0o077 == 0
