"""Verifies service account tokens with the key of the cluster that issued them."""

import json
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from localcloud.aws.eks import issuer
from localcloud.aws.eks.state import ClusterState
from localcloud.aws.eks.store import Store

ALGORITHM = "RS256"


class ServiceAccountTokenError(ValueError):
    """A token that is not valid; the message says why."""


class ExpiredToken(ServiceAccountTokenError):
    """A token that has expired."""


@dataclass(frozen=True)
class Token:
    """A verified token: its claims and the cluster that issued it."""

    claims: dict[str, Any]
    cluster: ClusterState

    @property
    def audiences(self) -> tuple[str, ...]:
        given = self.claims.get("aud") or ()
        return (given,) if isinstance(given, str) else tuple(given)

    @property
    def subject(self) -> str:
        return str(self.claims.get("sub", ""))

    @property
    def issuer(self) -> str:
        return str(self.claims["iss"])

    @property
    def kubernetes(self) -> dict[str, Any]:
        """The claims about the pod and its service account."""
        found: dict[str, Any] = self.claims.get("kubernetes.io") or {}
        return found


def verify(store: Store, text: str, now: float | None = None) -> Token:
    """The token, after a check of its signature and times; the caller holds the lock.

    Raises ServiceAccountTokenError.
    """
    now = time.time() if now is None else now
    cluster = _issuer(store, text)
    public = issuer.public_key(cluster.service_account_key)
    try:
        claims = jwt.decode(text, RSAKey.import_key(issuer.pem_of(public)), [ALGORITHM]).claims
    except (JoseError, ValueError) as error:
        raise ServiceAccountTokenError(f"the token's signature is not valid ({error})") from None
    if now >= float(claims.get("exp", 0)):
        raise ExpiredToken("the token has expired")
    if now < float(claims.get("nbf", 0)) - 1:  # claims are whole seconds
        raise ServiceAccountTokenError("the token is not valid yet")
    return Token(claims, cluster)


def _issuer(store: Store, text: str) -> ClusterState:
    try:
        claimed = json.loads(jws.extract_compact(text.encode()).payload)["iss"]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ServiceAccountTokenError(f"it is not a token ({type(error).__name__})") from None
    for state in store.states.values():
        if state.record["identity"]["oidc"]["issuer"] == claimed:
            return state
    raise ServiceAccountTokenError(f"no cluster has the issuer {claimed}")
