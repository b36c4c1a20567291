"""Access keys, and the users or role sessions they belong to, from moto's IAM and STS."""

from dataclasses import dataclass
from datetime import UTC, datetime

from localcloud.aws import backends
from localcloud.aws.accounts import ACCOUNT, PARTITION


@dataclass(frozen=True)
class Caller:
    """`arn` is that of a user, or of an assumed-role session; then `role` is the role's name.
    `principal` is the IAM ARN that policies and access entries name."""

    key_id: str
    arn: str
    principal: str
    user: str | None = None
    role: str | None = None
    session: str | None = None


@dataclass(frozen=True)
class Key:
    """An access key; `token` and `expires` are set for the key of a role session."""

    secret: str
    caller: Caller
    token: str | None = None
    expires: datetime | None = None

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires


def find_key(key_id: str) -> Key | None:
    """The access key with that id, or None."""
    return _user_key(key_id) or _session_key(key_id)


def _user_key(key_id: str) -> Key | None:
    found = backends.iam().access_keys.get(key_id)
    if found is None or found.user_name is None or found.status != "Active":
        return None
    user = backends.iam().users.get(found.user_name)
    if user is None or not user.has_access_key(key_id):
        return None
    return Key(found.secret_access_key, Caller(key_id, user.arn, user.arn, user=user.name))


def _session_key(key_id: str) -> Key | None:
    if not key_id.startswith("ASIA"):
        return None
    for session in reversed(backends.sts().assumed_roles):
        if session.access_key_id == key_id:
            name = session.role_arn.rpartition("/")[2]
            caller = Caller(
                key_id, session.arn, session.role_arn, role=name, session=session.session_name
            )
            expires = session.expiration
            expires = expires if expires.tzinfo else expires.replace(tzinfo=UTC)
            return Key(session.secret_access_key, caller, session.session_token, expires)
    return None


def root_arn() -> str:
    return f"arn:{PARTITION}:iam::{ACCOUNT}:root"
