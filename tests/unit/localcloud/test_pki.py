"""Certificates that real TLS accepts, with names and groups."""

import ssl
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from localcloud.pki import Authority


def test_an_issued_certificate_is_trusted_under_its_names(tmp_path: Path) -> None:
    authority = Authority("the cloud")
    crt, key = authority.issue("api", ["127.0.0.1", "api.example"]).write(tmp_path, "api")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(crt, key)
    client = ssl.create_default_context(cadata=authority.certificate)
    for name in ("127.0.0.1", "api.example"):
        assert handshake(server, client, name)


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bool:
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(down, up, server_hostname=name)
    two = server.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (one, two):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return one.version() is not None


def test_groups_are_the_organizations() -> None:
    pem = Authority("c").issue("system:node:a", organizations=["system:nodes"]).certificate
    subject = x509.load_pem_x509_certificate(pem.encode()).subject
    assert [a.value for a in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == [
        "system:nodes"
    ]


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    _, key = Authority("c").issue("a").write(tmp_path, "a")
    assert key.stat().st_mode & 0o077 == 0
