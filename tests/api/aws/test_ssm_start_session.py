"""What StartSession and its neighbours refuse, and the rights that they need."""

from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from localcloud.aws.api import AwsApi
from tests.api.aws.support import REGION, Client, grant, make_role, refusal, refuses
from tests.api.aws.support import session as keys

REMOTE = "AWS-StartPortForwardingSessionToRemoteHost"
SHELL = f"arn:aws:ssm:{REGION}:123456789012:document/SSM-SessionManagerRunShell"
PORT = f"arn:aws:ssm:{REGION}::document/AWS-StartPortForwardingSession"


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"Target": "i-0123456789abcdef0"}, "TargetNotConnected", "i-0123456789abcdef0 is not"),
        ({"DocumentName": "AWS-StartSSHSession"}, "InvalidDocument", "AWS-StartSSHSession is not"),
        ({"DocumentName": "AWS-RunShellScript"}, "InvalidDocument", "AWS-RunShellScript is not"),
        ({"Parameters": {"command": ["ls"]}}, "InvalidParameters", "no parameter command"),
        *(
            ({"DocumentName": REMOTE, "Parameters": given}, "InvalidParameters", words)
            for given, words in [
                ({"portNumber": ["0"]}, "portNumber: ['0'] is not one value that matches"),
                ({"portNumber": ["65536"]}, "portNumber: ['65536'] is not one value that matches"),
                (
                    {"portNumber": ["80", "81"]},
                    "portNumber: ['80', '81'] is not one value that matches",
                ),
                (
                    {"localPortNumber": ["-1"]},
                    "localPortNumber: ['-1'] is not one value that matches",
                ),
                ({"host": ["a;b"]}, "host: ['a;b'] is not one value that matches"),
                ({"port": ["80"]}, "no parameter port"),
            ]
        ),
    ],
)
def test_sessions_that_are_refused(
    ssm: Any, instance: str, more: dict[str, Any], code: str, words: str
) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html"""
    refuses(ssm.start_session, code, words, **{"Target": instance, **more})


@pytest.mark.parametrize("action", ["ssm:UpdateInstanceInformation", "ssmmessages:OpenDataChannel"])
def test_the_role_of_the_instance_must_allow_its_agent_to_serve_sessions(
    client: Client, ssm: Any, instance: str, action: str
) -> None:
    """Session Manager needs four actions of ssmmessages, which Run Command does not:
    https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
    """
    ssm.start_session(Target=instance)
    denied = grant(action, Effect="Deny")
    client("iam").put_role_policy(RoleName="bastion", PolicyName="no", PolicyDocument=denied)
    assert refusal(ssm.start_session, Target=instance)[0] == "TargetNotConnected"


def test_a_stopped_instance_is_not_connected(client: Client, ssm: Any, instance: str) -> None:
    client("ec2").stop_instances(InstanceIds=[instance])
    assert refusal(ssm.start_session, Target=instance)[0] == "TargetNotConnected"


@pytest.mark.parametrize(
    ("resources", "document", "missing"),
    [
        (["instance", SHELL], "", ""),
        (["instance", PORT], "", SHELL),
        (["instance", PORT], "AWS-StartPortForwardingSession", ""),
        (["instance", SHELL], "AWS-StartPortForwardingSession", PORT),
        ([SHELL], "", "instance"),
    ],
)
def test_rights_on_the_instance_and_the_document_are_needed(
    client: Client, instance: str, resources: list[str], document: str, missing: str
) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-default-session-document.html"""
    own = f"arn:aws:ec2:{REGION}:123456789012:instance/{instance}"
    allowed = grant(
        "ssm:StartSession",
        Resource=[own if each == "instance" else each for each in resources],
        Condition={"Bool": {"ssm:SessionDocumentAccessCheck": "true"}},
    )
    make_role(client, "user", allowed)
    ssm = client("ssm", *keys(client, "user"))
    asked = {"Target": instance, **({"DocumentName": document} if document else {})}
    if not missing:
        assert ssm.start_session(**asked)["SessionId"].startswith("me@x-")
        return
    words = f"ssm:StartSession on resource: {own if missing == 'instance' else missing}"
    refuses(ssm.start_session, "AccessDeniedException", words, **asked)


def test_a_user_may_end_own_sessions_alone(client: Client, ssm: Any, instance: str) -> None:
    """Example policy 4 of
    https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-examples.html
    """
    end = grant("ssm:TerminateSession", Resource="arn:aws:ssm:*:*:session/me@x-*")
    make_role(client, "user", grant("ssm:StartSession"), end)
    user = client("ssm", *keys(client, "user"))
    user.terminate_session(SessionId=user.start_session(Target=instance)["SessionId"])
    other = ssm.start_session(Target=instance)["SessionId"]
    assert refusal(user.terminate_session, SessionId=other)[0] == "AccessDeniedException"


def test_sessions_are_listed_by_state_and_filters(ssm: Any, instance: str) -> None:
    first, second = (ssm.start_session(Target=instance)["SessionId"] for _ in range(2))
    ssm.terminate_session(SessionId=first)

    def listed(state: str, **filters: str) -> list[str]:
        given = [{"key": key, "value": value} for key, value in filters.items()]
        found = ssm.describe_sessions(State=state, **({"Filters": given} if given else {}))
        return [one["SessionId"] for one in found["Sessions"]]

    assert listed("Active") == listed("Active", Target=instance, Status="Connecting") == [second]
    assert listed("History") == listed("History", SessionId=first) == [first]
    assert listed("Active", Target="i-0123456789abcdef0") == listed("Active", SessionId=first) == []
    asked = {"State": "Active", "Filters": [{"key": "AccessType", "value": "Standard"}]}
    assert refusal(ssm.describe_sessions, **asked)[0] == "InvalidFilterKey"


def test_only_a_session_that_has_ended_is_answered_when_it_should_be_resumed(
    ssm: Any, instance: str
) -> None:
    number = ssm.start_session(Target=instance)["SessionId"]
    assert "not offered" in refusal(ssm.resume_session, SessionId=number)[1]
    ssm.terminate_session(SessionId=number)
    assert "TokenValue" not in ssm.resume_session(SessionId=number)
    assert refusal(ssm.resume_session, SessionId="me-0")[0] == "DoesNotExistException"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/data-channel/nothing-0", 400, "Session nothing-0 does not exist"),
        ("/v1/data-channel/{ended}", 400, "is Terminated"),
        ("/v1/data-channel/{waiting}", 500, "nothing serves sessions on instances"),
        ("/v1/control-channel/i-1", 403, ""),
    ],
)
def test_a_web_socket_that_is_no_session_waiting_for_its_client_is_refused(
    api: AwsApi, ssm: Any, url: str, instance: str, path: str, status: int, words: str
) -> None:
    api.sessions.start_worker = None
    waiting, ended = (ssm.start_session(Target=instance)["SessionId"] for _ in range(2))
    ssm.terminate_session(SessionId=ended)
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "k"}
    request = Request(url + path.format(waiting=waiting, ended=ended), headers=asked)
    with pytest.raises(HTTPError) as caught:
        urlopen(request)
    with caught.value as error:
        assert (error.code, words in error.reason) == (status, True)


def test_the_web_socket_is_where_the_client_reached_the_api(
    api: AwsApi, ssm: Any, url: str, instance: str
) -> None:
    """Behind AWS's own host names, too, as on an instance of the cloud."""
    found = ssm.start_session(Target=instance)
    path = f"/v1/data-channel/{found['SessionId']}?role=publish_subscribe"
    assert found["StreamUrl"] == url.replace("http", "ws") + path
    ssm.meta.events.register_first("before-sign.ssm.StartSession", _as_aws)
    try:
        found = ssm.start_session(Target=instance)
    finally:
        ssm.meta.events.unregister("before-sign.ssm.StartSession", _as_aws)
    assert found["StreamUrl"].startswith(
        f"ws://ssmmessages.{REGION}.amazonaws.com/v1/data-channel/"
    )


def _as_aws(request: Any, **_: Any) -> None:
    request.headers["Host"] = f"ssm.{REGION}.amazonaws.com"
