"""What no nginx could serve is refused; tests/cloud/network asks a real nginx for the rest."""

from dataclasses import replace
from pathlib import Path

import pytest

from localcloud.aws.elbv2.snapshots import Redirect
from localcloud.network.balancer import lua_rules, network_load_balancer, nginx
from localcloud.network.balancer.lua_text import lua, pattern
from tests.unit.localcloud.network.examples import balancer, forward, listener, rule

OPTIONS = nginx.NginxOptions(Path("/run/b"), Path("/modules"), Path("/lua"))
REDIRECT = Redirect("HTTPS", "#{host}", "443", "/#{path}", "#{query}", 301)


def test_a_change_ends_no_connection() -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html: a
    connection goes on, to a deregistered target too, unless connection termination is enabled."""
    config = nginx.config(balancer(listener(rule(forward("a")))), {}, OPTIONS)
    assert "worker_shutdown_timeout" not in config


def test_a_placeholder_that_means_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no placeholder #\{secret\}"):
        lua_rules.data(rule(replace(REDIRECT, host="#{secret}")))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, 2.5, True, None]}, '{["a"]={1,2.5,true,nil}}'),
        ('"\\\n\0ü', r'"\034\092\010\000\195\188"'),
        ("]] $x #{y}", '"]] $x #{y}"'),
    ],
)
def test_a_value_is_the_same_for_lua(value: object, text: str) -> None:
    assert lua(value) == text


@pytest.mark.parametrize(
    ("wildcard", "escapes", "found"),
    [
        ("/a-b.*?", False, "^%/a%-b%..*.$"),
        (r"a\*", False, r"^a%\.*$"),
        (r"a\*\\", True, r"^a%*%\$"),
        ("%(x", False, "^%%%(x$"),
        ("ü", False, "^ü$"),
    ],
)
def test_a_pattern_is_literal_but_for_wildcards(wildcard: str, escapes: bool, found: str) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html"""
    assert pattern(wildcard, escapes) == found


def test_a_network_balancer_refuses_the_rest_by_name() -> None:
    quic = listener(rule(forward("a")), protocol="QUIC")
    with pytest.raises(ValueError, match="arn:listener-80: listener protocol QUIC"):
        nginx.config(balancer(quic, kind="network"), {}, OPTIONS)
    with pytest.raises(
        ValueError, match="arn:listener-80: a TCP listener must forward to just one"
    ):
        network_load_balancer.target_group_of(listener(rule(forward("a", "b")), protocol="TCP"))
