"""Role sessions in moto's STS, which stores their keys."""

from collections.abc import Mapping
from typing import Any

from moto.sts.models import AssumedRole

from localcloud.aws import backends, propagation
from localcloud.aws.errors import AwsError

DEFAULT_SESSION_SECONDS = 3600  # the default of a role


def find_role(arn: str) -> Any:
    """moto's role with that ARN, or None."""
    return next((role for role in backends.iam().roles.values() if role.arn == arn), None)


def role_of(arn: str, denied: AwsError) -> Any:
    """moto's role with that ARN. Raises `denied` if there is none, or if it is too new."""
    role = find_role(arn)
    if role is None or not propagation.in_effect(role.create_date):
        raise denied
    return role


def check_duration(role: Any, seconds: int) -> None:
    """Raise AwsError for a session longer than the role allows, or shorter than AWS does."""
    longest = int(role.max_session_duration or DEFAULT_SESSION_SECONDS)
    if not 900 <= seconds <= longest:
        raise AwsError(
            "ValidationError",
            f"The requested DurationSeconds {seconds} is not within 900 and the "
            f"MaxSessionDuration set for this role, {longest}",
        )


def begin(
    role: Any,
    name: str,
    region: str,
    seconds: int,
    policy: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> AssumedRole:
    """A new session of a role; `tags` are its session tags."""
    session = backends.sts().assume_role(
        region_name=region,
        role_session_name=name,
        role_arn=role.arn,
        policy=policy or "",
        duration=seconds,
        external_id="",
    )
    session.session_tags = dict(tags or {})  # type: ignore[attr-defined]  # moto does not store them
    return session


def credentials(session: AssumedRole) -> dict[str, Any]:
    """A session's credentials as STS returns them."""
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expiration,
    }


def described(session: AssumedRole) -> dict[str, Any]:
    """A session as the AssumeRole operations return it."""
    user = {"AssumedRoleId": session.user_id, "Arn": session.arn}
    return {"Credentials": credentials(session), "AssumedRoleUser": user}
