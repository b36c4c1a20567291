"""Listeners of load balancers."""

from typing import Any

from moto.elbv2.models import FakeListener, FakeLoadBalancer

from localcloud.aws.elbv2 import (
    actions as actions_of,
)
from localcloud.aws.elbv2 import attribute_checks, attributes, limits, network, offered, tls
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
            if not actions:
                raise AwsError("ValidationError", "A listener must have a default action")
            actions = self._checked(actions, balancer, protocol, port)
            self._check_protocols(protocol, actions)
        # moto fills in the default policy for every protocol.
        asked = ssl_policy if protocol in tls.PROTOCOLS else None
        policy = tls.check(protocol, asked, certificate, self.region_name)
        made = super().create_listener(
            load_balancer_arn, protocol, port, policy or "", certificate, actions, alpn_policy, tags
        )
        made.ssl_policy = policy  # type: ignore[assignment]  # None without TLS
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
        listener = self.describe_listeners(None, [arn])[0]
        balancer = self.load_balancers[listener.load_balancer_arn]
        if protocol:
            offered.check_protocol(balancer.type, protocol)
        if port and str(port) != str(listener.port):
            self._check_port(balancer, port)
        actions = self._checked(
            actions or [], balancer, protocol or listener.protocol, port or listener.port
        )
        present = [action.data for action in listener.default_actions]
        self._check_protocols(protocol or listener.protocol, actions or present)
        self._secure(listener, protocol or listener.protocol, ssl_policy, certificates)
        made = super().modify_listener(arn, port, None, None, [], actions)
        self.relink()
        return made

    def _secure(
        self,
        listener: FakeListener,
        protocol: str,
        policy: str | None,
        certificates: list[dict[str, Any]] | None,
    ) -> None:
        """Give a listener another protocol, security policy or default certificate."""
        secure = protocol in tls.PROTOCOLS
        default = [one["CertificateArn"] for one in certificates or []]
        kept = listener.certificates if secure else []
        policy = policy or (listener.ssl_policy if secure else None)
        arn = next(iter(default or kept), None)
        listener.ssl_policy = tls.check(  # type: ignore[assignment]  # None without TLS
            protocol, policy, arn, self.region_name
        )
        listener.protocol, listener.certificate = protocol, arn
        listener.certificates = [arn] if arn else []
        if not secure:
            tls.remove(listener, tls.more_of(listener))

    def add_listener_certificates(self, arn: str, certificates: list[dict[str, Any]]) -> list[str]:
        listener = self.describe_listeners(None, [arn])[0]
        return tls.add(listener, [one["CertificateArn"] for one in certificates], self.region_name)

    def describe_listener_certificates(self, arn: str) -> list[str]:
        return tls.certificates_of(self.describe_listeners(None, [arn])[0])

    def remove_listener_certificates(self, arn: str, certificates: list[dict[str, Any]]) -> None:
        listener = self.describe_listeners(None, [arn])[0]
        tls.remove(listener, [one["CertificateArn"] for one in certificates])

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

    def _check_protocols(self, protocol: str, actions: list[dict[str, Any]]) -> None:
        for arn in sorted(actions_of.target_groups(actions) & set(self.target_groups)):
            network.check_listener(protocol, str(self.target_groups[arn].protocol))

    def _check_port(self, balancer: FakeLoadBalancer, port: str) -> None:
        if any(str(listener.port) == str(port) for listener in balancer.listeners.values()):
            raise AwsError("DuplicateListener", f"A listener already exists on port {port}")
