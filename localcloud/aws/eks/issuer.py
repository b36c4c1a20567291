"""The OIDC issuer of a cluster: its signing key, URL and documents."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def new_key() -> str:
    """A private key to sign service account tokens with, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def new_url(region: str) -> str:
    """The URL of a new issuer."""
    return f"https://oidc.eks.{region}.amazonaws.com/id/{secrets.token_hex(16).upper()}"


@lru_cache(maxsize=64)  # loading a private key is slow, since it is checked
def public_key(pem: str) -> rsa.RSAPublicKey:
    """The public half of a private key."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.public_key()


def key_id(key: rsa.RSAPublicKey) -> str:
    """The id that kube-apiserver gives to a key: the hash of its DER form."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def configuration(issuer: str) -> dict[str, Any]:
    """The issuer's discovery document."""
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/keys",
        "authorization_endpoint": "urn:kubernetes:programmatic_authorization",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "claims_supported": ["sub", "iss"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def keys(pem: str) -> dict[str, Any]:
    """The issuer's key set."""
    key = public_key(pem)
    numbers = key.public_numbers()
    one = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id(key)}
    return {"keys": [{**one, "n": _number(numbers.n), "e": _number(numbers.e)}]}


def _number(value: int) -> str:
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def document(pem: str, issuer: str, path: str) -> bytes | None:
    """The document at a path below the issuer's URL, or None."""
    documents = {
        "/.well-known/openid-configuration": lambda: configuration(issuer),
        "/keys": lambda: keys(pem),
    }
    make = documents.get(path)
    return json.dumps(make()).encode() if make else None


def pem_of(key: rsa.RSAPublicKey) -> str:
    """A public key as PEM."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
