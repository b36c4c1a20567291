"""The operations of Session Manager, a tool of SSM, and its session documents."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.iam.resources import SHELL
from localcloud.aws.ssm import instances
from localcloud.aws.ssm.sessions import ACTIVE, STREAM, Session, Sessions

Result = dict[str, Any]
PORT = re.compile(
    "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
)
FILTERS = {"Target": "target", "Owner": "owner", "Status": "status", "SessionId": "id"}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a document: what its value has to match, and the value if none is given."""

    pattern: re.Pattern[str]
    default: str


@dataclass(frozen=True)
class Document:
    """A session document. `kind` is the session type, which the client gets."""

    kind: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


PORTS = {
    "portNumber": Parameter(PORT, "80"),
    "localPortNumber": Parameter(re.compile(f"0|{PORT.pattern}"), "0"),
}
HOST = Parameter(re.compile(r"""[^,$^&();'"<>`{}\[\]|#=!]{3,}"""), "localhost")
DOCUMENTS = {
    SHELL: Document("Standard_Stream"),
    "AWS-StartPortForwardingSession": Document("Port", PORTS),
    "AWS-StartPortForwardingSessionToRemoteHost": Document("Port", {**PORTS, "host": HOST}),
}


def start(sessions: Sessions, call: Call) -> Result:
    """Record a session; its worker starts when the client opens it (AwsApi.open_websocket)."""
    params, caller = call.params, call.caller
    assert caller, "StartSession is signed"
    name = params.get("DocumentName") or SHELL
    if name not in DOCUMENTS:
        raise not_offered(f"the document {name}", "InvalidDocument")
    if params["Target"] not in instances.connected(call.region):
        raise AwsError("TargetNotConnected", f"{params['Target']} is not connected.")
    document = DOCUMENTS[name]
    properties = _properties(document, params.get("Parameters") or {})
    kind = {"type": "LocalPortForwarding"} if document.kind == "Port" else {}
    session = Session(
        id=f"{caller.user or caller.session}-{secrets.token_hex(9)[:17]}",
        region=call.region,
        target=params["Target"],
        document=name,
        kind=document.kind,
        properties={**properties, **kind},
        owner=caller.arn,
        reason=params.get("Reason"),
    )
    sessions.started[session.id] = session
    where = f"ws://{_stream_host(call)}{STREAM}{session.id}?role=publish_subscribe"
    return {"SessionId": session.id, "TokenValue": session.token, "StreamUrl": where}


def _properties(document: Document, given: Mapping[str, list[str]]) -> dict[str, str]:
    """The values of a document's parameters. Raises AwsError for one that it does not accept."""
    if unknown := sorted(set(given) - set(document.parameters)):
        raise AwsError("InvalidParameters", f"the document has no parameter {', '.join(unknown)}")
    values = {}
    for name, parameter in document.parameters.items():
        found = given.get(name) or [parameter.default]
        if len(found) != 1 or not parameter.pattern.fullmatch(found[0]):
            rule = parameter.pattern.pattern
            raise AwsError(
                "InvalidParameters", f"{name}: {found} is not one value that matches {rule}"
            )
        values[name] = found[0]
    return values


def _stream_host(call: Call) -> str:
    """The host of the WebSocket, which the client reaches as it has reached the API. The WebSocket
    is without TLS, so that the worker can serve the connection."""
    if call.request.host.endswith("amazonaws.com"):
        return f"ssmmessages.{call.region}.amazonaws.com"
    return call.request.headers["host"]


def terminate(sessions: Sessions, call: Call) -> Result:
    if call.params["SessionId"] in sessions.started:  # any other id is accepted, as on AWS
        sessions.terminate(sessions.started[call.params["SessionId"]])
    return {"SessionId": call.params["SessionId"]}


def resume(sessions: Sessions, call: Call) -> Result:
    """The client calls it when its connection is lost. The session has then ended: no token."""
    session = sessions.find(call.params["SessionId"])
    if session.status in ACTIVE:
        raise not_offered(f"resuming the connected session {session.id}", "ValidationException")
    return {"SessionId": session.id}


def describe(sessions: Sessions, call: Call) -> Result:
    wanted: dict[str, str] = {}
    for one in call.params.get("Filters") or []:
        if one["key"] not in FILTERS:
            raise not_offered(f"the filter {one['key']} of DescribeSessions", "InvalidFilterKey")
        wanted[FILTERS[one["key"]]] = one["value"]
    active = call.params["State"] == "Active"
    found = [
        _described(session)
        for session in reversed(sessions.started.values())
        if (session.status in ACTIVE) == active
        and session.region == call.region
        and all(getattr(session, name) == value for name, value in wanted.items())
    ]
    return {"Sessions": found}


def _described(session: Session) -> Result:
    given = {"EndDate": session.ended, "Reason": session.reason}
    return {
        "SessionId": session.id,
        "Target": session.target,
        "Status": session.status,
        "StartDate": session.started,
        "DocumentName": session.document,
        "Owner": session.owner,
        **{name: value for name, value in given.items() if value},
    }


OPERATIONS: Mapping[str, Callable[[Sessions, Call], Result]] = {
    "StartSession": start,
    "TerminateSession": terminate,
    "ResumeSession": resume,
    "DescribeSessions": describe,
}
