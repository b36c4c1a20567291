"""What a cloud answers to the commands `exec`, `status` and `policy`, by HTTP."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from localcloud.aws.snapshots import Instance
from localcloud.paths import WORLD

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/_cloud/"


@dataclass(frozen=True)
class Part:
    """A line of `status`; `note` is why it fails, or its last exit or error."""

    name: str
    state: Literal["running", "starting", "failing"]
    note: str = ""


def host_names(instances: Iterable[Instance]) -> dict[str, str]:
    """The names that `exec` accepts, each with the namespace of its host.

    An instance has its id, its private DNS name, and its Name tag unless another one has it, too.
    """
    running = [instance for instance in instances if instance.state == "running"]
    tags = [instance.name for instance in running]
    names = {WORLD: WORLD}
    for instance in running:
        names[instance.id] = names[instance.dns_name] = instance.id
        if instance.name and tags.count(instance.name) == 1:
            names.setdefault(instance.name, instance.id)
    return names


def with_cloud_routes(
    app: "WSGIApplication", answers: dict[str, Callable[[], Any]]
) -> "WSGIApplication":
    """The app, with `answers` served as JSON below /_cloud/; all else goes to the app."""

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        answer = answers.get(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else None
        if answer is None:
            return app(environ, start_response)
        body = json.dumps(answer()).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    return serve


def as_json(parts: Iterable[Part]) -> list[dict[str, str]]:
    """Parts as the command `status` reads them."""
    return [asdict(part) for part in parts]
