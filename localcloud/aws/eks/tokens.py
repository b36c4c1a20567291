"""Service account tokens: verified against the keys of the cluster that issued them."""

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


class TokenError(ValueError):
    """A token that is none of a cluster's, or altered; the message says which."""


class ExpiredToken(TokenError):
    """A token whose time is over."""


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
    """The token, once its signature and times are verified; take the lock first.

    Raises TokenError.
    """
    now = time.time() if now is None else now
    cluster = _issuer(store, text)
    public = issuer.public_key(cluster.service_account_key)
    try:
        claims = jwt.decode(text, RSAKey.import_key(issuer.pem_of(public)), [ALGORITHM]).claims
    except (JoseError, ValueError) as error:
        raise TokenError(f"its signature does not hold ({error})") from None
    if now >= float(claims.get("exp", 0)):
        raise ExpiredToken("its time is over")
    if now < float(claims.get("nbf", 0)) - 1:  # the clock is one, but claims are whole seconds
        raise TokenError("its time has not come")
    return Token(claims, cluster)


def _issuer(store: Store, text: str) -> ClusterState:
    try:
        claimed = json.loads(jws.extract_compact(text.encode()).payload)["iss"]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise TokenError(f"it is no token ({type(error).__name__})") from None
    for state in store.states.values():
        if state.record["identity"]["oidc"]["issuer"] == claimed:
            return state
    raise TokenError(f"nobody here issues as {claimed}")
