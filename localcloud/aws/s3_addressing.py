"""The two ways in which a request names its bucket: in the path, and in the host name.

Source: docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

import re
from dataclasses import replace

from localcloud.aws.request import Request

_HOST = re.compile(
    r"((?P<bucket>[a-z0-9.-]+)\.)?s3(\.dualstack)?(\.(?P<region>[a-z0-9-]+))?\.amazonaws\.com"
)


def is_s3_host(host: str) -> bool:
    """Whether a host name is S3's or that of a bucket."""
    return _HOST.fullmatch(host) is not None


def region_of(host: str) -> str | None:
    """The region in a host name of S3's, if there is one."""
    found = _HOST.fullmatch(host)
    return found["region"] if found else None


def path_style(request: Request) -> Request:
    """The request with its bucket in the path."""
    found = _HOST.fullmatch(request.host)
    if not found or not found["bucket"]:
        return request
    return replace(request, raw_path=f"/{found['bucket']}{request.raw_path}")
