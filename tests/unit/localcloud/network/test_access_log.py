"""AWS's lines of an access log, field by field:
docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
"""

import json
import shlex
from typing import Any

import pytest

from localcloud.network.balancer import access_log, network_access_log
from localcloud.network.balancer.access_log import lines

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/demo/50dc6c495c0c9188"
WRITTEN = {
    "end": "1530570180.186", "seconds": "0.009", "scheme": "http", "port": "80", "method": "GET",
    "uri": "/a?b=c", "protocol": "HTTP/1.1", "host": "www.example.com", "agent": "curl/7.46.0",
    "status": "200", "client": "192.168.131.39:2817", "connection": "7", "worker": "12",
    "received": "34", "sent": "366", "location": "", "target": "10.0.0.1:80",
    "target_status": "200", "target_header": "0.006", "target_seconds": "0.007", "cipher": "",
    "tls": "", "name": "", "trace": "Root=1-58337262-36d228ad5d99923122bbe354", "priority": "0",
    "action": "forward", "group": "arn:group", "certificate": "",
}  # fmt: skip
FIELDS = """
type time elb client target request_time target_time response_time elb_status_code
target_status_code received sent request user_agent ssl_cipher ssl_protocol group trace_id
domain_name chosen_cert_arn priority created actions redirect_url error_reason targets
target_status_codes classification classification_reason conn_trace_id transformed_host
transformed_uri request_transform_status
""".split()  # noqa: SIM905 (a list would have a line for each)


def line(**changes: str) -> dict[str, str]:
    """The fields of the line for a request."""
    text = lines(json.dumps({**WRITTEN, **changes}).encode() + b"\n", ARN, access_log.line).decode()
    assert text.endswith("\n")
    return dict(zip(FIELDS, shlex.split(text.replace("\\", "\\\\")), strict=True))


def test_a_request_that_was_forwarded() -> None:
    found = line()
    assert found.pop("conn_trace_id").startswith("TID_")
    assert " ".join(found.values()) == (
        "http 2018-07-02T22:23:00.186000Z app/demo/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80"
        " 0.002 0.006 0.001 200 200 34 366 GET http://www.example.com:80/a?b=c HTTP/1.1 curl/7.46.0"
        " - - arn:group Root=1-58337262-36d228ad5d99923122bbe354 - - 0"
        " 2018-07-02T22:23:00.177000Z forward - - 10.0.0.1:80 200 - - - - -"
    )


REDIRECT = {"action": "redirect", "location": "https://b/", "target": "", "target_header": ""}
NO_TIME = {"request_time": "-1", "target_time": "-1", "response_time": "-1"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "101"}, {"type": "ws"}),
        ({"scheme": "https", "protocol": "HTTP/2.0"}, {"type": "h2"}),
        (
            {"scheme": "https", "cipher": "ECDHE", "name": "a.b", "certificate": "arn:c"},
            {"ssl_cipher": "ECDHE", "domain_name": "a.b", "chosen_cert_arn": "arn:c"},
        ),
        (
            {**REDIRECT, "status": "301", "priority": "7", "group": ""},
            {"actions": "redirect", "redirect_url": "https://b/", "target": "-", "priority": "7",
             "target_status_code": "-", "group": "-", **NO_TIME},
        ),
        # A target that refuses the connection: nginx tells its own status.
        (
            {"status": "502", "target_status": "502", "target_header": "-"},
            {"target_status_code": "-", "target": "10.0.0.1:80", **NO_TIME},
        ),
        ({"status": "499"}, {"elb_status_code": "460"}),
        (
            {"host": "", "uri": "", "method": "", "protocol": "", "status": "400"},
            {"request": "- http://-:80- -"},
        ),
        ({"host": "a:81", "port": "81"}, {"request": "GET http://a:81/a?b=c HTTP/1.1"}),
        ({"agent": 'a"b\\\n\u00fc'}, {"user_agent": "a\\x22b\\x5C\\x0A\\xFC"}),
        ({"agent": "a" * 9000}, {"user_agent": "a" * 8192}),
    ],
)  # fmt: skip
def test_fields(changes: dict[str, str], expected: dict[str, Any]) -> None:
    found = line(**changes)
    assert {name: found[name] for name in expected} == expected


def test_requests_of_one_connection_have_an_id_in_common() -> None:
    one = line()["conn_trace_id"]
    assert line(uri="/other")["conn_trace_id"] == one
    assert line(connection="8")["conn_trace_id"] != one


def test_a_line_that_was_cut_off_is_left_out() -> None:
    assert lines(b'{"end": "1', ARN, access_log.line) == b""


CONNECTION = {
    "end": "1545274780.250", "seconds": "0.005", "target_seconds": "0.003",
    "client": "72.21.218.154:51341", "destination": "172.100.100.185:443", "received": "98",
    "sent": "246", "status": "200", "cipher": "ECDHE-RSA-AES128-SHA", "tls": "TLSv1.2",
    "name": "a.example", "listener": "arn:listener/net/demo/50dc6c495c0c9188/g3d4b5e8bb8464cd",
    "certificate": "arn:certificate",
}  # fmt: skip
START = (
    "tls 2.0 2018-12-20T02:59:40 net/demo/50dc6c495c0c9188 g3d4b5e8bb8464cd"
    " 72.21.218.154:51341 172.100.100.185:443"
)
CREATED = "- - - 2018-12-20T02:59:40\n"


@pytest.mark.parametrize(
    ("changes", "rest"),
    [
        ({}, "5 2 98 246 - arn:certificate - ECDHE-RSA-AES128-SHA tlsv12 - a.example"),
        # nginx rounds both times to milliseconds.
        ({"target_seconds": "0.006"},
         "5 0 98 246 - arn:certificate - ECDHE-RSA-AES128-SHA tlsv12 - a.example"),
        # Without a target the whole connection is the handshake.
        ({"target_seconds": "", "name": "b/c"},
         "5 5 98 246 - arn:certificate - ECDHE-RSA-AES128-SHA tlsv12 - b%2Fc"),
        ({"status": "500", "name": ""}, "5 - 98 246 - - - - - - -"),
        # The client does not trust the certificate.
        ({"status": "500"}, "5 - 98 246 - arn:certificate - - - - a.example"),
    ],
)  # fmt: skip
def test_a_connection_to_a_tls_listener(changes: dict[str, str], rest: str) -> None:
    """The example of .../latest/network/load-balancer-access-logs.html"""
    written = json.dumps({**CONNECTION, **changes}).encode()
    found = lines(written, ARN.replace("/app/", "/net/"), network_access_log.line).decode()
    assert found == f"{START} {rest} {CREATED}"
