"""Sticky sessions of application load balancers.

docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html and, for target
groups with weights, .../application/load-balancer-listeners.html#forward-actions.
"""

import base64
import re
import time
from dataclasses import replace
from email.utils import parsedate_to_datetime

from localcloud.aws.elbv2.snapshots import Stickiness
from tests.cloud.network.site import ON_A, ON_B, Site
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import forward, target_group

DAY = 86400.0
BOTH = target_group("g", ON_A, ON_B, stickiness=Stickiness("lb_cookie", DAY))


def answered(site: Site, **cookies: str) -> set[str]:
    """Who answers ten requests with these cookies."""
    text = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {site.get("/", **({"Cookie": text} if cookies else {})).body for _ in range(10)}


def value(cookie: str) -> str:
    return cookie.partition(";")[0]


def test_a_cookie_binds_a_client_to_a_target_for_its_duration(site: Site) -> None:
    site.serve(BOTH)
    site.a.cookie = "own=1"
    while (first := site.get()).body != "i-a":
        pass
    assert first.cookies["own"] == "1"
    cookie, attributes = first.cookies["AWSALB"].split(";", 1)
    expires = re.fullmatch(r" Expires=(.*); Path=/", attributes)
    assert expires
    assert abs(parsedate_to_datetime(expires[1]).timestamp() - time.time() - DAY) < 10
    cors = first.cookies["AWSALBCORS"]
    assert cors == f"{cookie}; Expires={expires[1]}; Path=/; SameSite=None"
    assert b"10.0.2.11" not in base64.b64decode(cookie)
    assert answered(site) == {"i-a", "i-b"}
    assert answered(site, AWSALB=cookie) == answered(site, AWSALBCORS=cookie) == {"i-a"}
    assert answered(site, AWSALB="forged") == {"i-a", "i-b"}


def test_a_cookie_expires_and_each_response_renews_it(site: Site) -> None:
    site.serve(replace(BOTH, stickiness=Stickiness("lb_cookie", 1)))
    first = site.get()
    cookie = value(first.cookies["AWSALB"])
    assert answered(site, AWSALB=cookie) == {first.body}
    eventually(lambda: value(site.get(Cookie=f"AWSALB={cookie}").cookies["AWSALB"]) != cookie)
    eventually(lambda: answered(site, AWSALB=cookie) == {"i-a", "i-b"})


def test_a_client_whose_target_fails_is_bound_to_another(site: Site) -> None:
    site.serve(BOTH)
    while (first := site.get()).body != "i-a":
        pass
    old = value(first.cookies["AWSALB"])
    site.a.status = 500
    site.settle(("g", "i-a", "unhealthy"))
    second = site.get(Cookie=f"AWSALB={old}")
    assert second.body == "i-b"
    site.a.status = 200
    site.settle(("g", "i-a", "healthy"))
    assert answered(site, AWSALB=value(second.cookies["AWSALB"])) == {"i-b"}


def test_an_applications_cookie_begins_and_ends_its_session(site: Site) -> None:
    site.serve(replace(BOTH, stickiness=Stickiness("app_cookie", DAY, "Session")))
    site.a.cookie = site.b.cookie = "Other=1"
    assert set(site.get().cookies) == {"Other"}
    site.a.cookie = site.b.cookie = "Session=1; Path=/"
    first = site.get()
    assert set(first.cookies) == {"Session", "AWSALBAPP-0"}
    own = value(first.cookies["AWSALBAPP-0"])
    assert answered(site, **{"Session": "1", "AWSALBAPP-0": own}) == {first.body}
    assert answered(site, **{"AWSALBAPP-0": own}) == {"i-a", "i-b"}
    assert answered(site, Session="1") == {"i-a", "i-b"}


def test_a_client_stays_with_a_target_group(site: Site) -> None:
    groups = target_group("a", ON_A), target_group("b", ON_B)
    site.serve(*groups, action=replace(forward(("a", 1), ("b", 1)), stickiness=DAY))
    first = site.get()
    assert set(first.cookies) == {"AWSALBTG", "AWSALBTGCORS"}
    assert answered(site) == {"i-a", "i-b"}
    assert answered(site, AWSALBTG=value(first.cookies["AWSALBTG"])) == {first.body}
