"""The setting `services`: servers beside the post's. An entry that breaks a rule stops the run with
one line, which names it and its key."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn, get_args

from components.load_balancing import LoadBalancing, TargetType
from components.pods import NGINX_USER, WEB_PORT, WebServer
from components.service_spec import (
    ServiceSpec,
    ServiceType,
    default_host,
    nlb_host,
    post_services,
    servers,
)
from settings import rules
from settings.reader import apply_rule, refuse

_KEYS: dict[str, type] = {
    "page": str, "image": str, "port": int, "user": int, "type": str, "host": str, "path": str,
    "replicas": int, "target": str,
}  # fmt: skip
# docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
_MOST_RULES = 100
_NGINX_FILES = ("index.html", "50x.html")  # in the folder of pages


def read_services(
    named: Mapping[str, Any], domain: str, balancing: LoadBalancing
) -> tuple[ServiceSpec, ...]:
    """The post's Services, then one for each entry; `named` maps its name to its keys and values.

    Raises pulumi.RunError for the first entry that breaks a rule.
    """
    post = post_services(domain)
    taken = {each.name for each in post} | {each.name for each in servers(post)}
    for name in named:
        if not re.fullmatch(rules.SERVICE_NAME, name):
            rule = "must be at most 63 lower-case letters, digits and -, a letter first; rename it"
            refuse("services", name, rule)
        if name in taken:
            refuse("services", name, "is the name of a Service or server of the post; rename it")
    further = [
        _Entry(name, value, domain).spec(balancing.target_type) for name, value in named.items()
    ]
    services = (*post, *further)
    routed = [each for each in services if each.host]
    _refuse_duplicate_routes(routed, default_host(domain))
    _refuse_too_many_rules(routed)
    own = nlb_host(domain) if balancing.load_balancer_tls else None
    for each in further:
        if each.host == own:
            rule = "leads to the load balancer of nginx-load-balancer, as load-balancer-tls is true"
            refuse(f"services.{each.name}.host", each.host, f"{rule}; set another host")
    return services


def _refuse_duplicate_routes(routed: Sequence[ServiceSpec], default: str) -> None:
    """Refuse a host and path that two Services have."""
    seen = {(default, "/"): "the post's default backend"}
    for each in routed:
        place = each.host, each.path.rstrip("/") or "/"
        if place in seen:
            rule = f"with path {each.path} is taken by {seen[place]}; set another host or path"
            refuse(f"services.{each.name}.host", each.host, rule)
        seen[place] = each.name


def _refuse_too_many_rules(routed: Sequence[ServiceSpec]) -> None:
    """The Ingress's load balancer has a rule for each of these."""
    if len(routed) > _MOST_RULES:
        rule = (
            f"must be {_MOST_RULES} at most, two of them the post's, as a load balancer takes no "
            "more rules; leave some hosts out, or put them into another stack"
        )
        refuse("services", f"{len(routed)} hosts and paths", rule)


class _Entry:
    def __init__(self, name: str, value: Any, domain: str) -> None:
        self._name, self._value, self._domain = name, value, domain
        if not isinstance(value, dict):
            self._refuse("", "must be an object, such as {page: Hello, host: hello}")
        for key, each in value.items():
            if key not in _KEYS:
                near = get_close_matches(key, _KEYS, n=1)
                hint = f"did you mean {near[0]}?" if near else f"it may be {', '.join(_KEYS)}"
                self._refuse(key, f"no such key; {hint}")
            if type(each) is not _KEYS[key] or each == "":
                kind = "text, in quotes if it looks like a number" if _KEYS[key] is str else None
                self._refuse(key, f"must be {kind or 'a whole number'}")

    def spec(self, target_type: TargetType) -> ServiceSpec:
        """The Service, with its server unless it is of type ExternalName."""
        kind = self._type()
        if kind == "ExternalName":
            return self._external_name()
        if "target" in self._value:
            self._refuse("target", "is for type ExternalName only; leave it out, or set that type")
        host = self._host() if "host" in self._value else ""
        if host and kind == "ClusterIP" and target_type == "instance":
            rule = "needs type NodePort or LoadBalancer, whose node ports the Ingress uses while "
            self._refuse("host", rule + "target-type is instance; set the type, or target-type ip")
        server = self._server(host)
        return ServiceSpec(
            output_key=self._name,
            name=self._name,
            type=kind,
            server=server,
            host=host,
            path=server.path,
        )

    def _type(self) -> ServiceType:
        value = self._value.get("type", "NodePort")
        for known in get_args(ServiceType):
            if value == known:
                return known  # type: ignore[no-any-return]  # get_args has no type
        self._refuse("type", f"must be one of {', '.join(get_args(ServiceType))}")

    def _external_name(self) -> ServiceSpec:
        for key in self._value:
            if key not in ("type", "target"):
                self._refuse(key, "must not be set with type ExternalName, which has no server")
        target = self._value.get("target", "")
        named = re.fullmatch(rules.DNS_NAME, target) and not re.fullmatch(r"[\d.]+", target)
        if not named or len(target) > rules.LONGEST_NAME:
            rule = f"must be a DNS name in lower case, of {rules.LONGEST_NAME} characters at most"
            self._refuse("target", f"{rule}, such as www.example.com")
        return ServiceSpec(
            output_key=self._name, name=self._name, type="ExternalName", target=target
        )

    def _server(self, host: str) -> WebServer:
        page, image = self._value.get("page"), self._value.get("image", "")
        if (page is None) == (not image):
            self._refuse("", "must have one of page and image")
        if image:
            apply_rule(f"services.{self._name}.image", image, rules.image)
        for key in ("port", "user"):
            if key in self._value and not image:
                self._refuse(key, "is for an image only, as a page is nginx's; leave it out")
        if "path" in self._value and not image and not host:
            self._refuse("path", "needs a host; set one, or leave it out")
        return WebServer(
            name=self._name,
            page=page,
            image=image,
            port=self._number("port", WEB_PORT, 65535),
            path=self._path(),
            replicas=self._number("replicas", 2, 1000),
            user=self._user() if image else NGINX_USER,
        )

    def _number(self, key: str, default: int, most: int) -> int:
        value = int(self._value.get(key, default))
        if not 1 <= value <= most:
            self._refuse(key, f"must be 1 to {most}")
        return value

    def _user(self) -> int:
        """The user's id; 0 if none is set, for the image's own user."""
        return self._number("user", 1, 65535) if "user" in self._value else 0

    def _path(self) -> str:
        value = str(self._value.get("path", "/"))
        if not re.fullmatch(rules.PATH, value) or len(value) > rules.LONGEST_PATH:
            self._refuse("path", "must be such as / or /shop/new: at most 126 of a-z A-Z 0-9 . _ -")
        if "page" in self._value and value.split("/")[1] in _NGINX_FILES:
            files = " or ".join(_NGINX_FILES)
            rule = "nginx's image has these files where a page needs a folder; set another"
            self._refuse("path", f"must not begin with {files}: {rule}")
        return value

    def _host(self) -> str:
        """The full name: a name without dots is below the stack's domain."""
        value = str(self._value["host"])
        full = value if "." in value else f"{value}.{self._domain}"
        if not full.endswith(f".{self._domain}"):
            rule = f"must be one label, such as shop, or a name below {self._domain}"
            self._refuse("host", rule)
        if not re.fullmatch(rules.DNS_NAME, full) or len(full) > rules.LONGEST_HOST:
            rule = f"must be a DNS name in lower case of {rules.LONGEST_HOST} characters at most"
            self._refuse("host", f"{rule}, with {self._domain}; shorten or rename it")
        return full

    def _refuse(self, key: str, rule: str) -> NoReturn:
        value = self._value.get(key) if key else self._value
        refuse(f"services.{self._name}" + (f".{key}" if key else ""), value, rule)
