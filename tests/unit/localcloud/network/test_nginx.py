"""What no nginx could serve is refused; tests/cloud/network asks a real nginx for the rest."""

from dataclasses import replace
from pathlib import Path

import pytest

from localcloud.aws.snapshots import Condition, Redirect
from localcloud.network.balancer import forwarding, nginx, quoting, rules
from tests.unit.localcloud.network.examples import balancer, forward, listener, rule

OPTIONS = nginx.NginxOptions(Path("/run/b"), Path("/modules"))
REDIRECT = Redirect("HTTPS", "#{host}", "443", "/#{path}", "#{query}", 301)


def test_a_change_ends_no_connection() -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html: a
    connection goes on, to a deregistered target too, unless connection termination is enabled."""
    config = nginx.config(balancer(listener(rule(forward("a")))), {}, OPTIONS)
    assert "worker_shutdown_timeout" not in config


def test_a_text_that_means_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no placeholder #\{secret\}"):
        rules.target(replace(REDIRECT, host="#{secret}"))
    with pytest.raises(ValueError, match="NUL"):
        quoting.quoted("a\0")


def test_two_conditions_of_one_field_are_refused() -> None:
    twice = (Condition("path-pattern", ("/a",)), Condition("path-pattern", ("/b",)))
    with pytest.raises(ValueError, match="two conditions of one field"):
        rules.match(replace(rule(REDIRECT), conditions=twice))


def test_a_network_balancer_refuses_the_rest_by_name() -> None:
    tls = listener(rule(forward("a")), protocol="TLS")
    with pytest.raises(ValueError, match="arn:listener-80: listener protocol TLS"):
        nginx.config(balancer(tls, kind="network"), {}, OPTIONS)
    with pytest.raises(ValueError, match="arn:listener-80: a TCP listener forwards to one"):
        forwarding.group_of(listener(rule(forward("a", "b")), protocol="TCP"))
