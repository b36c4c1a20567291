"""Listeners of load balancers."""

from typing import Any

from moto.elbv2.models import FakeListener, FakeLoadBalancer

from localcloud.aws.elbv2 import attribute_checks, attributes, limits, offered
from localcloud.aws.elbv2.rules import Rules
from localcloud.aws.errors import AwsError


class Listeners(Rules):
    """The part of the backend that stores listeners."""

    def create_listener(
        self,
        load_balancer_arn: str,
        protocol: str,
        port: str,
        ssl_policy: str,
        certificate: str | None,
        actions: list[dict[str, Any]],
        alpn_policy: list[str] | None = None,
        tags: list[dict[str, str]] | None = None,
    ) -> FakeListener:
        balancer = self.load_balancers.get(load_balancer_arn)
        if balancer:
            offered.check_protocol(balancer.type, protocol)
            self._check_port(balancer, port)
            kind = f"listeners-per-{balancer.type}-load-balancer"
            limits.check(kind, len(balancer.listeners) + 1)
            actions = self._checked(actions, balancer, protocol, port)
        if certificate or alpn_policy:
            raise offered.not_offered("a certificate or ALPN policy of a listener")
        made = super().create_listener(
            load_balancer_arn, protocol, port, ssl_policy, certificate, actions, alpn_policy, tags
        )
        made.attributes = {}  # only those that were set
        self.relink()
        return made

    def modify_listener(
        self,
        arn: str,
        port: str | None = None,
        protocol: str | None = None,
        ssl_policy: str | None = None,
        certificates: list[dict[str, Any]] | None = None,
        actions: list[dict[str, Any]] | None = None,
    ) -> FakeListener:
        if certificates:
            raise offered.not_offered("a certificate of a listener")
        listener = self.describe_listeners(None, [arn])[0]
        balancer = self.load_balancers[listener.load_balancer_arn]
        if protocol:
            offered.check_protocol(balancer.type, protocol)
        if port and str(port) != str(listener.port):
            self._check_port(balancer, port)
        actions = self._checked(
            actions or [], balancer, protocol or listener.protocol, port or listener.port
        )
        made = super().modify_listener(arn, port, protocol, None, certificates, actions)
        self.relink()
        return made

    def describe_listener_attributes(self, listener_arn: str) -> dict[str, str]:
        (listener,) = self.describe_listeners(None, [listener_arn])
        table = attributes.LISTENERS.get(listener.protocol, {})
        return {**attributes.defaults(table), **listener.attributes}

    def modify_listener_attributes(
        self, listener_arn: str, attrs: list[dict[str, str]]
    ) -> dict[str, str]:
        (listener,) = self.describe_listeners(None, [listener_arn])
        given = {each["Key"]: each["Value"] for each in attrs}
        attribute_checks.check_listener(given, listener.protocol)
        listener.attributes.update(given)
        return self.describe_listener_attributes(listener_arn)

    def delete_listener(self, listener_arn: str) -> FakeListener:
        gone = super().delete_listener(listener_arn)
        self.relink()
        return gone

    def _check_port(self, balancer: FakeLoadBalancer, port: str) -> None:
        if any(str(listener.port) == str(port) for listener in balancer.listeners.values()):
            raise AwsError("DuplicateListener", f"A listener already exists on port {port}")
