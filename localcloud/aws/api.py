"""The AWS API of the cloud as a WSGI app."""

import logging
import socket
import threading
from collections.abc import Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, NoReturn

from localcloud.aws import access_logs, backends, protocol, services, unread, validation
from localcloud.aws import route53_operations as route53
from localcloud.aws.accounts import DEVELOPER
from localcloud.aws.acm import operations as acm
from localcloud.aws.calls import Call, Handler, OperationName, mutates
from localcloud.aws.ec2 import parameters
from localcloud.aws.eks import operations as eks
from localcloud.aws.eks import paths
from localcloud.aws.eks.pod_identity import assume_role_for_pod_identity
from localcloud.aws.eks.store import Store
from localcloud.aws.elb import operations as elb
from localcloud.aws.elbv2 import parameters as elbv2
from localcloud.aws.elbv2.target_states import TARGET_STATES, TargetStates
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.iam import providers
from localcloud.aws.iam.authentication import authenticate
from localcloud.aws.iam.authorization import action_of, authorize
from localcloud.aws.logs import operations as logs
from localcloud.aws.motoserver import MotoServer
from localcloud.aws.readers import MotoSnapshots
from localcloud.aws.request import Request, Response, read
from localcloud.aws.s3 import checks as s3
from localcloud.aws.s3_addressing import path_style
from localcloud.aws.services import DEFAULT_REGION, Scope, Service, scope_of
from localcloud.aws.snapshots import Snapshots
from localcloud.aws.ssm import instances
from localcloud.aws.ssm import operations as ssm
from localcloud.aws.ssm.commands import Commands
from localcloud.aws.ssm.sessions import STREAM, Sessions
from localcloud.aws.sts import operations as sts
from localcloud.aws.wafv2 import operations as wafv2
from localcloud.changes import Changes

log = logging.getLogger(__name__)
UNSIGNED: set[OperationName] = {("sts", "AssumeRoleWithWebIdentity")}  # its token is a credential
# sts/operations.py evaluates the role's trust policy together with the caller's policies.
AUTHORIZED_BY_OPERATION: set[OperationName] = {("sts", "AssumeRole")}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


class AwsApi:
    """The AWS API. `lock` guards all records: moto is not thread-safe.

    The reconcilers read `snapshots` and `clusters`; the load balancers report to `target_states`.
    """

    def __init__(self, changes: Changes) -> None:
        self.lock = threading.RLock()
        self.changes = changes
        self.clusters = Store(self.lock, changes)
        self.snapshots: Snapshots = MotoSnapshots(self.lock)
        self.target_states: TargetStates = TARGET_STATES
        self.actions: dict[str, set[str]] = {}
        """What was authorized so far, by the ARN of the user or role, for `localcloud policy`."""
        self.deliver_access_logs = access_logs.Delivery(self.lock)
        self._moto = MotoServer()
        self.commands = Commands()
        self.sessions = Sessions()
        # By botocore's name of the service.
        self._services: Mapping[str, Handler] = {
            "acm": acm.answer,
            "eks": partial(eks.answer, self.clusters),
            "elb": elb.answer,
            "eks-auth": partial(assume_role_for_pod_identity, self.clusters),
            "ssm": partial(ssm.answer, self.commands, self.sessions),
            "wafv2": wafv2.answer,
        }
        self._operations: Mapping[OperationName, Handler] = {
            ("ec2", "DescribeInstanceTopology"): _unsupported,
            ("iam", "AddClientIDToOpenIDConnectProvider"): providers.add_client_id,
            ("logs", "AssociateKmsKey"): logs.associate_key,
            ("logs", "DisassociateKmsKey"): logs.disassociate_key,
            ("iam", "RemoveClientIDFromOpenIDConnectProvider"): providers.remove_client_id,
            **route53.operations(self.snapshots.load_balancers),
            ("sts", "AssumeRole"): sts.assume_role,
            ("sts", "AssumeRoleWithWebIdentity"): partial(
                sts.assume_role_with_web_identity, self.clusters
            ),
        }

    def app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI application."""
        response = self.respond(read(environ))
        status = HTTPStatus(response.status)
        start_response(f"{status.value} {status.phrase}", list(response.headers))
        return [response.body]

    def open_websocket(self, environ: dict[str, Any], connection: socket.socket) -> bool:
        """Serve a session's WebSocket on a connection; False if the request is not for one.

        Raises AwsError.
        """
        path = str(environ["PATH_INFO"])
        if not path.startswith(STREAM):
            return False
        try:
            key = str(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""))
            self.sessions.connect(path.removeprefix(STREAM), key, connection)
        except OSError as error:
            raise AwsError("InternalFailure", f"no session: {error}", 500) from error
        return True

    def respond(self, request: Request) -> Response:
        """The response to a request, which may be an error."""
        service, name = None, ""
        try:
            page = paths.answer(self.clusters, request)
            if page:
                return page
            scope = scope_of(request)
            name = scope.service
            service = services.find(scope.service, request)
            return self._call(service, scope, request)
        except AwsError as error:
            what = f"{request.method} {request.path} of {name or request.host}"
            log.warning("refused: %s: %s", what, error)
            return protocol.error_response(protocol.error_protocol(service, name, request), error)
        except Exception as error:  # a bug here is an InternalFailure, as on AWS
            log.exception("%s %s of %s", request.method, request.path, request.host)
            failure = AwsError("InternalFailure", f"{type(error).__name__}: {error}", 500)
            return protocol.error_response(protocol.error_protocol(service, name, request), failure)

    def _call(self, service: Service, scope: Scope, request: Request) -> Response:
        signed, s3_call = request, service.name == "s3"
        request = path_style(request) if s3_call else request
        operation, params = protocol.parse(service, request)
        # S3 has error codes of its own.
        protocol_name = "s3" if s3_call else str(protocol.model_of(service).protocol)
        with self.lock:
            caller = None
            if scope.key_id or (service.name, operation) not in UNSIGNED:
                caller = authenticate(signed, protocol_name)
            call = Call(service, operation, params, scope.region, request, caller)
            if caller:
                by_operation = (service.name, operation) in AUTHORIZED_BY_OPERATION
                needed = {action_of(call)} if by_operation else authorize(call, protocol_name)
                self.actions.setdefault(caller.principal, set()).update(needed)
            if service.name == "logs":
                self.clusters.deliver_logs()
            try:
                return self._answer(call)
            finally:  # a failed operation may have changed something
                if mutates(operation):
                    self._notify(service)

    def _notify(self, service: Service) -> None:
        """Wake the reconcilers that read what an operation of a service may have changed."""
        topics = {service.topic}
        if service.name == "eks":
            topics.add("ec2")  # EKS creates interfaces, security groups and instances
        if service.name == "ec2":
            # The call may have ended a node, or made room for one that could not be launched.
            if self.clusters.converge():
                topics.add("eks")
            self.sessions.end_unless_running(instances.running)
        for topic in topics:
            self.changes.notify(topic)

    def _answer(self, call: Call) -> Response:
        if call.service.name == "route53":
            validation.check(call, "InvalidInput")
            route53.check(call)
        handler = self._operations.get((call.service.name, call.operation))
        handler = handler or self._services.get(call.service.model)
        if handler:
            return protocol.answer(call.service, call.operation, handler(call))
        if call.service.name == "ec2":
            parameters.check(call.operation, call.params)
        if call.service.name == "elasticloadbalancing":
            validation.check(call, "ValidationError")
            elbv2.check(call.operation, call.params)
        if call.service.name == "logs":
            logs.check(call)
        if call.service.name == "s3":
            s3.check(call)
        if call.operation == "ModifyLoadBalancerAttributes":
            access_logs.check(call)
        unread.check(call)
        return self._moto.answer(call.service, call.operation, call.region, call.request)


def _unsupported(call: Call) -> NoReturn:
    """Refuse as AWS does in regions without this operation. The cloud controller manager handles
    this error."""
    raise not_offered(call.operation, "UnsupportedOperation")


def bootstrap(api: AwsApi, zone: str = "") -> tuple[str, str]:
    """Create the administrator `developer`; the id and secret of its access key.

    The account gets a hosted zone of the name `zone`, unless it is empty.
    """
    with api.lock:
        if zone:
            backends.route53().delegate(zone, caller_reference="localcloud up --zone")
        iam = backends.iam()
        if DEVELOPER not in iam.users:
            iam.create_user(DEFAULT_REGION, DEVELOPER)
            iam.attach_user_policy(ADMINISTRATOR, DEVELOPER)
        keys = iam.list_access_keys(DEVELOPER)
        key = keys[0] if keys else iam.create_access_key(DEVELOPER)
        return key.access_key_id, key.secret_access_key
