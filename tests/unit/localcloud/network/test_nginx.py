"""Load balancers as nginx configurations. What nginx makes of them is tested with a real one."""

from dataclasses import replace
from pathlib import Path

import pytest

from localcloud.aws.records import Condition, Listener, Redirect
from localcloud.network.balancer import nginx, quoting, rules
from tests.unit.localcloud.network.examples import balancer, forward, listener, rule

PLACE = nginx.Place(Path("/run/b"), Path("/modules"))
REDIRECT = Redirect("HTTPS", "#{host}", "443", "/#{path}", "#{query}", 301)


def config(*listeners: Listener, servers: dict[str, tuple[str, ...]] | None = None) -> str:
    return nginx.config(balancer(*listeners), servers or {}, PLACE)


def test_a_map_holds_the_rules_in_their_order() -> None:
    text = config(
        listener(
            rule(forward("b"), host="*.Example.com", path="/a?/* /b"),
            rule(REDIRECT, path="/old"),
            rule(forward(("a", 1), ("b", 3))),
        )
    )
    assert (
        r"""
  map "$host /$lb_path" $rule_80 {
    "~^(?:[^ ]*\\.example\\.com) (?:/a./.*|/b)$" group_1;
    "~^[^ ]* (?:/old)$" rule_80_1;
    default $pick_rule_80_2;
  }
  split_clients $request_id $pick_rule_80_2 {
    25.00% group_0;
    * group_1;
  }
"""
        in text
    )


def test_a_change_ends_no_connection() -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html: a
    connection goes on, to a deregistered target too, unless connection termination is enabled."""
    assert "worker_shutdown_timeout" not in config(listener(rule(forward("a"))))


def test_when_all_weights_are_zero_no_group_gets_requests() -> None:
    assert "* nowhere;" in config(listener(rule(forward(("a", 0), ("b", 0)))))


def test_a_redirect_without_a_query_has_no_question_mark() -> None:
    assert rules.target(REDIRECT) == '"https://$host:443/$lb_path$is_args$args"'
    assert rules.target(replace(REDIRECT, query="")) == '"https://$host:443/$lb_path"'
    assert rules.target(replace(REDIRECT, query="a=#{query}")).endswith('/$lb_path?a=$args"')


def test_an_unknown_placeholder_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"no placeholder #\{secret\}"):
        rules.target(replace(REDIRECT, host="#{secret}"))


def test_two_conditions_of_one_field_are_refused() -> None:
    twice = (Condition("path-pattern", ("/a",)), Condition("path-pattern", ("/b",)))
    with pytest.raises(ValueError, match="two conditions of one field"):
        rules.match(replace(rule(REDIRECT), conditions=twice))


def test_nothing_in_a_text_means_anything_to_nginx() -> None:
    text = 'a "b" \\n $c ${d} ; }'
    assert quoting.quoted(quoting.literal(text)) == (
        '"a \\"b\\" \\\\n ${dollar}c ${dollar}{d} ; }"'
    )
    with pytest.raises(ValueError, match="NUL"):
        quoting.quoted("a\0")


def test_a_pattern_is_literal_but_for_its_wildcards() -> None:
    assert quoting.pattern("a.*+?(", ".") == r"a\..*\+.\("


def test_a_network_balancer_is_a_stream() -> None:
    tcp = listener(rule(forward("a")), port=81, protocol="TCP")
    empty = listener(rule(forward("b")), port=82, protocol="TCP")
    text = nginx.config(
        balancer(tcp, empty, kind="network"), {"a": ("10.0.0.1:80",), "b": ()}, PLACE
    )
    assert text.startswith('load_module "/modules/ngx_stream_module.so";\n')
    assert "    listen 81;\n    proxy_pass group_0;\n" in text
    assert '    listen 82;\n    return "";\n' in text


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (listener(rule(forward("a")), protocol="TLS"), "listener protocol TLS"),
        (listener(rule(forward("a", "b")), protocol="TCP"), "forwards to one target group"),
    ],
)
def test_a_network_balancer_refuses_the_rest_by_name(one: Listener, said: str) -> None:
    with pytest.raises(ValueError, match=f"arn:listener-80: .*{said}"):
        nginx.config(balancer(one, kind="network"), {}, PLACE)
