"""The rules of application load balancers, asked of a real nginx from the world."""

from collections import Counter
from dataclasses import replace

from localcloud.aws.elbv2.snapshots import Condition, FixedResponse, Redirect
from tests.cloud.network.site import ON_A, ON_B, PUBLIC, Site
from tests.cloud.network.web import get
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import forward, listener, rule, target_group, when

SAME = Redirect("#{protocol}", "#{host}", "#{port}", "/#{path}", "#{query}", 301)
GROUP_A, GROUP_B = target_group("a", ON_A), target_group("b", ON_B)


def fixed(body: str) -> FixedResponse:
    return FixedResponse(200, "text/plain", body)


def test_the_first_rule_in_order_whose_host_and_path_match_decides(site: Site) -> None:
    site.show(
        listener(
            rule(fixed("1"), host="svc1.example.com", path="/api/* /v?/x"),
            rule(fixed("2"), path="/api/*"),
            rule(fixed("3"), host="*.example.com"),
            rule(fixed("4"), host="svc1.example.com"),
            rule(fixed("5"), host="*", path="/Case"),
            rule(fixed("6"), path="/a.*+?("),  # a pattern is literal but for * and ?
            rule(fixed("default")),
        )
    )
    asked = {
        ("SVC1.example.com", "/api/x?y=/z"): "1",
        ("svc1.example.com:80", "/v1/x"): "1",
        ("svc1.example.com", "/v12/x"): "3",
        ("other.org", "/api/"): "2",
        ("svc1.example.com", "/"): "3",  # never 4: 3 comes first
        ("example.com", "/"): "default",  # the dot of *.example.com is one
        ("svc1xexample.com", "/"): "default",
        ("other.org", "/Case"): "5",
        ("other.org", "/case"): "default",
        ("other.org", "/?x=/Case"): "default",
        ("other.org", "/rule_80_0"): "default",
        ("other.org", "//api/x"): "default",
        ("other.org", "/a.b/c+d("): "6",
        ("other.org", "/a-b/c+d("): "default",
    }
    found = {key: site.get(key[1], Host=key[0]).body for key in asked}
    assert found == asked


def test_all_conditions_of_a_rule_match_and_one_value_of_each(site: Site) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html"""

    def header(name: str, *values: str) -> Condition:
        return Condition("http-header", values, name=name)

    def query(*pairs: tuple[str, str]) -> Condition:
        return Condition("query-string", (), pairs=pairs)

    site.show(
        listener(
            when(fixed("header"), header("User-Agent", "*Chrome*", "*Safari*"),
                 header("x-tier", "g?ld")),
            when(fixed("method"), Condition("http-request-method", ("PUT", "DELETE"))),
            when(fixed("pairs"), query(("version", "v1"), ("", "*example*")), query(("a", "1"))),
            when(fixed("literal"), query(("", r"\*\?"))),
            when(fixed("far"), Condition("source-ip", ("10.0.0.0/8", "2001:db8::/32")),
                 Condition("path-pattern", ("/ip",))),
            when(fixed("near"), Condition("source-ip", ("10.0.0.0/8", "198.18.0.0/28")),
                 Condition("path-pattern", ("/ip",)), Condition("host-header", ("*.ORG",))),
            rule(fixed("none")),
        )
    )  # fmt: skip
    chrome, gold = {"User-Agent": "a chrome/1"}, {"X-Tier": "GOLD"}
    asked: list[tuple[str, str, dict[str, str], str]] = [
        ("GET", "/", chrome | gold, "header"),
        ("GET", "/", chrome, "none"),
        ("GET", "/", chrome | {"X-Tier": "goold"}, "none"),
        ("PUT", "/", {}, "method"),
        ("DELETE", "/", {}, "method"),
        ("GET", "/?VERSION=V1&a=1", {}, "pairs"),
        ("GET", "/?a=1&b=an-example", {}, "pairs"),
        ("GET", "/?version=v1", {}, "none"),
        ("GET", "/?version=v11&a=1", {}, "none"),
        ("GET", "/?a=*?", {}, "literal"),
        ("GET", "/?a=xy", {}, "none"),
        ("GET", "/ip", {"Host": "a.org"}, "near"),
        ("GET", "/ip", {"Host": "a.net"}, "none"),
        ("GET", "/ip", {"Host": "a.net", "X-Forwarded-For": "10.0.0.1"}, "none"),
    ]
    found = [
        (method, path, headers, get("world", PUBLIC, path, headers=headers, method=method).body)
        for method, path, headers, _ in asked
    ]
    assert found == asked


def test_listeners_have_their_own_rules(site: Site) -> None:
    site.show(*(listener(rule(fixed(f"on {port}")), port=port) for port in (80, 8443)))
    assert {port: get("world", PUBLIC, port=port).body for port in (80, 8443)} == {
        80: "on 80",
        8443: "on 8443",
    }
    site.show(listener(rule(fixed("alone")), port=8443))
    assert get("world", PUBLIC, port=8443).body == "alone"
    eventually(lambda: not site.stage.reaches("world", PUBLIC, 80))


def test_weights_share_requests_and_zero_gets_none(site: Site) -> None:
    groups = (GROUP_A, GROUP_B)
    site.serve(*groups, action=forward(("a", 3), ("b", 1)))
    shares = Counter(site.get().body for _ in range(200))
    assert 110 < shares["i-a"] < 190
    site.show(listener(rule(forward(("a", 0), ("b", 1)))), groups=groups)
    site.until(lambda answer: {site.get().body for _ in range(20)} == {"i-b"})
    site.show(listener(rule(forward(("a", 0), ("b", 0)))), groups=groups)
    site.until(lambda answer: answer.status == 503)


def test_redirects_fill_in_their_placeholders(site: Site) -> None:
    moved = replace(SAME, protocol="HTTPS", port="443", status=302)
    other = replace(SAME, host="new.$host.org", path="/old/#{path}", query="from=#{host}&#{query}")
    site.show(
        listener(rule(other, path="/other/*"), rule(replace(SAME, query=""), path="/no"),
                 rule(moved))
    )  # fmt: skip
    asked = {
        "/a/b?c=d": (302, "https://svc.org:443/a/b?c=d"),
        "/": (302, "https://svc.org:443/"),
        "/other/x?y": (301, "http://new.$host.org:80/old/other/x?from=svc.org&y"),
        "/no?query": (301, "http://svc.org:80/no"),
    }
    answers = {path: site.get(path, Host="svc.org") for path in asked}
    assert {
        path: (answer.status, answer.headers["Location"]) for path, answer in answers.items()
    } == asked


def test_a_fixed_response_is_literal_and_may_be_empty(site: Site) -> None:
    """Case 30. docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/
    API_FixedResponseActionConfig.html: message and content type are optional."""
    body = 'a "quoted" $host ${uri} \\n back\\slash; } {\nnext \' line'
    site.show(
        listener(
            rule(FixedResponse(404, "", ""), path="/empty"),
            rule(FixedResponse(418, "application/json", body)),
        )
    )
    answer, empty = site.get(), site.get("/empty")
    assert (answer.status, answer.headers["Content-Type"]) == (418, "application/json")
    assert answer.body == body
    assert (empty.status, empty.body, empty.headers["Content-Type"]) == (404, "", "text/plain")
    assert empty.headers["Server"] == "awselb/2.0"
