"""AssumeRole and AssumeRoleWithWebIdentity, which moto allows to every caller."""

from typing import Any

from localcloud.aws import backends, validation
from localcloud.aws.accounts import ACCOUNT
from localcloud.aws.caller import Caller, root_arn
from localcloud.aws.calls import Call
from localcloud.aws.eks import service_account_tokens
from localcloud.aws.eks.store import Store
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.iam import policy, principals, sessions

Result = dict[str, Any]
SECONDS = 3600
ACCEPTED = {
    "RoleArn", "RoleSessionName", "DurationSeconds", "Policy", "ExternalId", "WebIdentityToken",
}  # fmt: skip


def _check(call: Call) -> None:
    validation.check(call, "ValidationError")
    for name, value in call.params.items():
        if name not in ACCEPTED and value:
            raise not_offered(f"{name} of {call.operation}", "ValidationError")


def assume_role(call: Call) -> Result:
    """Raises AwsError AccessDenied unless the role trusts the caller, or trusts the account while
    the caller's own policies allow the call; a permissions boundary and a session policy must, too.
    """
    _check(call)
    assert call.caller
    arn = call.params["RoleArn"]
    message = f"User: {call.caller.arn} is not authorized to perform: sts:AssumeRole on resource:"
    denied = AwsError("AccessDenied", f"{message} {arn}", 403)
    role = sessions.role_of(arn, denied)
    context = _caller_context(call.caller)
    if external := call.params.get("ExternalId"):
        context["sts:externalid"] = (external,)
    if not _may_assume(call.caller, role, context):
        raise denied
    return _begin(call, role)


def _caller_context(caller: Caller) -> dict[str, tuple[str, ...]]:
    return {"aws:principalarn": (caller.principal,), "aws:principalaccount": (ACCOUNT,)}


def _may_assume(caller: Caller, role: Any, context: dict[str, tuple[str, ...]]) -> bool:
    found = principals.policies_of(caller)
    request = policy.PermissionRequest("sts:AssumeRole", (role.arn,), context)
    identity, limits = found.of_identity(request), found.of_limits(request).values()
    trust = str(role.assume_role_policy_document)

    def trusted(*names: str) -> policy.Verdict:
        asked = policy.PermissionRequest("sts:AssumeRole", (), context, frozenset(names))
        return policy.evaluate_resource_policy(trust, asked)

    session, direct = trusted(caller.arn), trusted(caller.principal)
    account = trusted(root_arn(), ACCOUNT)
    if "denied" in (identity, *limits, session, direct, account):
        return False
    # docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html: what limits a role
    # does not limit a session that a resource-based policy names itself.
    if session == "allowed":
        return True
    trusts = direct == "allowed" or (account == "allowed" and identity == "allowed")
    return trusts and "not allowed" not in limits


def _begin(call: Call, role: Any) -> Result:
    seconds = int(call.params.get("DurationSeconds") or SECONDS)
    sessions.check_duration(role, seconds)
    name = call.params["RoleSessionName"]
    session = sessions.begin(role, name, call.region, seconds, call.params.get("Policy"))
    return sessions.described(session)


def assume_role_with_web_identity(store: Store, call: Call) -> Result:
    """Raises AwsError: InvalidIdentityToken, ExpiredTokenException or AccessDenied."""
    _check(call)
    token = _verified(store, call.params["WebIdentityToken"])
    provider = _provider(token)
    url = provider.url
    denied = AwsError(
        "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403
    )
    role = sessions.role_of(call.params["RoleArn"], denied)
    context = {f"{url}:sub".lower(): (token.subject,), f"{url}:aud".lower(): token.audiences}
    request = policy.PermissionRequest(
        "sts:AssumeRoleWithWebIdentity", (), context, frozenset({str(provider.arn)})
    )
    if not policy.resource_policy_allows(str(role.assume_role_policy_document), request):
        raise denied
    result = _begin(call, role)
    return result | {
        "SubjectFromWebIdentityToken": token.subject,
        "Audience": token.audiences[0],
        "Provider": provider.arn,
    }


def _verified(store: Store, text: str) -> service_account_tokens.Token:
    try:
        return service_account_tokens.verify(store, text)
    except service_account_tokens.ExpiredToken:
        message = "Token expired: current date/time must be before the expiration date/time"
        raise AwsError("ExpiredTokenException", message) from None
    except service_account_tokens.ServiceAccountTokenError as error:
        message = f"Couldn't verify the token: {error}"
        raise AwsError("InvalidIdentityToken", message) from None


def _provider(token: service_account_tokens.Token) -> Any:
    """IAM's record of the token's issuer, which must expect one of the token's audiences."""
    for provider in backends.iam().open_id_providers.values():
        if provider.url == token.issuer.removeprefix("https://"):
            if set(token.audiences).isdisjoint(provider.client_id_list):
                raise AwsError("InvalidIdentityToken", "Incorrect token audience")
            return provider
    message = f"No OpenIDConnect provider found in your account for {token.issuer}"
    raise AwsError("InvalidIdentityToken", message)
