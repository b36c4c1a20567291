"""The rules of single settings: pure functions that return the value or raise ValueError.

The error's text is the rule and the way out; `settings.reader.refuse` adds the key and the value.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from components.cluster import AccessEntry
from components.network.subnets import parse_cidr

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
# The only periods that CloudWatch Logs allows.
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
ACCESS_POLICIES = (
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
)
CHART_IMAGE = "public.ecr.aws/eks/aws-load-balancer-controller"  # the image of the chart
# The first Graviton family, those with a g after the generation, and NVIDIA's Grace (p6e-gb200):
# https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
_ARM64 = r"(a1|[a-z]+\d+[a-z]*g[a-z]*|p\d+[a-z]*-gb\d+)[.-]"
# https://www.rfc-editor.org/rfc/rfc5737
_DOCUMENTATION = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
# EKS refuses these: https://repost.aws/knowledge-center/eks-lock-api-access-IP-addresses
_RESERVED = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
    "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3",
)  # fmt: skip
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DNS_NAME = rf"{_LABEL}(\.{_LABEL})*"
SERVICE_NAME = rf"(?=[a-z]){_LABEL}"  # of RFC 1035, as Kubernetes wants it
PATH = r"/|(/(?!\.\.?(/|$))[A-Za-z0-9_.-]+)+/?"  # without what a balancer takes for a pattern
# docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html,
# API_PathPatternConditionConfig.html; the controller adds /* to a path.
LONGEST_HOST = 128
LONGEST_NAME = 253  # of the DNS
LONGEST_PATH = 128 - len("/*")
_LONGEST_DOMAIN = LONGEST_HOST - len("svc1.")
# https://pkg.go.dev/github.com/distribution/reference
_HOST_PART = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_PART = "[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = rf"({_HOST_PART}(\.{_HOST_PART})*(:[0-9]+)?/)?{_PART}(/{_PART})*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{,127}"
_IMAGE = rf"{_REPOSITORY}(:(?P<tag>{_TAG}))?(@(?P<digest>sha256:[0-9a-f]{{64}}))?"
# Registries that are reached over the internet only; an image without a host is Docker Hub's.
_PUBLIC_REGISTRIES = {
    "docker.io", "public.ecr.aws", "quay.io", "ghcr.io", "gcr.io", "registry.k8s.io",
}  # fmt: skip


def region(value: str | None) -> str:
    """An AWS region of the standard partition, such as eu-west-1."""
    if not re.fullmatch(r"(?!cn-)[a-z]{2}-[a-z]+-\d", value or "") or value is None:
        raise ValueError("must be a region of the partition aws, such as eu-west-1")
    return value


def domain(value: str) -> str:
    """The name of a public hosted zone, such as example.com."""
    if not value:
        raise ValueError("must be set to a domain of yours, the name of the stack's hosted zone")
    labels = value.split(".")
    if len(labels) < 2 or not all(re.fullmatch(_LABEL, label) for label in labels):
        raise ValueError(
            "must be a DNS name of two labels or more in lower case, such as example.com"
        )
    # API_HostHeaderConditionConfig.html (above)
    if not re.fullmatch("[a-z]{2,}", labels[-1]):
        raise ValueError(
            "must end with a label of letters alone, as load balancers take no other host names, "
            "such as example.com"
        )
    if len(value) > _LONGEST_DOMAIN:
        raise ValueError(f"must have at most {_LONGEST_DOMAIN} characters, as svc1. goes before it")
    return value


def is_reserved(value: str) -> bool:
    """Whether Route 53 refuses a hosted zone of this name, which RFC 2606 reserves."""
    return f".{value}".endswith((".example.com", ".example.net", ".example.org"))


def public_block(value: str) -> str:
    """An IPv4 block of public addresses."""
    block = parse_cidr(value)
    if any(block.subnet_of(IPv4Network(reserved)) for reserved in _DOCUMENTATION):
        raise ValueError(f"{value} is for documentation, no host has its addresses; set your own")
    if any(block.subnet_of(IPv4Network(reserved)) for reserved in _RESERVED):
        raise ValueError(
            f"{value} is not public: EKS refuses it; set the public addresses of your network"
        )
    return value


def inbound_block(value: str) -> str:
    """An IPv4 block, public or private."""
    return str(parse_cidr(value))


def default_tags(value: Any) -> dict[str, str]:
    """The tags of aws:defaultTags: {tags: {key: string}}."""
    tags = value.get("tags") or {} if isinstance(value, dict) else None
    if not isinstance(tags, dict) or not all(isinstance(each, str) for each in tags.values()):
        raise ValueError("must be an object with tags: strings by key")
    return tags


def instance_type(value: str) -> str:
    """An EC2 instance type of an x86_64 family, such as t3.medium."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*\d[a-z0-9-]*\.[a-z0-9-]+", value):
        raise ValueError("must be an EC2 instance type, such as t3.medium")
    if re.match(_ARM64, value):
        raise ValueError("must be of an x86_64 family, such as t3.medium; this one is arm64")
    return value


def image(value: str) -> str:
    """A container image with a fixed tag or digest."""
    found = re.fullmatch(_IMAGE, value)
    if not found:
        raise ValueError(
            "must be an image's name in lower case with a tag, or with sha256: and a digest of 64 "
            "hexadecimal digits, such as nginx:1.29.3"
        )
    if not found["digest"] and found["tag"] in (None, "latest"):
        raise ValueError("must name a tag other than latest, or a digest, such as nginx:1.29.3")
    return value


def image_repository(value: str) -> str:
    """A container image's name without tag and digest, or nothing."""
    if value and not re.fullmatch(_REPOSITORY, value):
        raise ValueError("must be an image's name in lower case, without tag and digest, or empty")
    return value


def image_tag(value: str) -> str:
    """A tag, or nothing."""
    if value and not re.fullmatch(_TAG, value):
        raise ValueError("must be at most 128 letters, digits, periods, hyphens and underscores")
    return value


def chart_repository(value: str) -> str:
    """Where a Helm chart comes from: a URL without a slash at its end, or a folder."""
    scheme, separator, _ = value.rpartition("://")
    if separator and scheme not in ("https", "http", "oci"):
        raise ValueError("must be an https, http or oci URL, or a folder with the unpacked chart")
    if not value.strip() or value.endswith("/"):
        raise ValueError("must name a URL or a folder, and not end with a slash")
    return value


def is_public_image(value: str) -> bool:
    """Whether an image is pulled from the internet."""
    host, slash, _ = value.partition("/")
    has_host = bool(slash) and ("." in host or ":" in host or host == "localhost")
    return not has_host or host in _PUBLIC_REGISTRIES


def source(value: str) -> str:
    """An IPv4 block, or a security group's id."""
    if re.fullmatch(r"sg-[0-9a-f]{8,17}", value):
        return value
    try:
        return str(parse_cidr(value))
    except ValueError as broken:
        raise ValueError(f"{value!r} {broken}, or a security group's id (sg-...)") from None


def kubernetes_version(value: str) -> str:
    """A Kubernetes minor version; settings.offerings looks up whether EKS offers it."""
    if not re.fullmatch(r"1\.\d{2}", value):
        raise ValueError('must be a minor version, such as "1.35"')
    return value


def host(value: str) -> str:
    """A DNS name or an IPv4 address, or nothing."""
    rule = "must be a DNS name in lower case, an IPv4 address, or empty"
    if value and not all(re.fullmatch(_LABEL, label) for label in value.split(".")):
        raise ValueError(rule)
    if re.fullmatch(r"[\d.]+", value):
        try:
            IPv4Address(value)
        except ValueError:
            raise ValueError(rule) from None
    return value


def log_type(value: str) -> str:
    if value not in LOG_TYPES:
        raise ValueError(f"must be one of {', '.join(LOG_TYPES)}")
    return value


def access_entries(named: Mapping[str, Any]) -> tuple[AccessEntry, ...]:
    """Access entries by name: {principal: ARN, policy: name, namespaces: [...] (unset: all)}."""
    entries = tuple(_access_entry(name, value) for name, value in sorted(named.items()))
    if len({entry.principal_arn for entry in entries}) < len(entries):
        raise ValueError("must name no principal twice: EKS keeps one entry for each")
    return entries


def _access_entry(name: str, value: object) -> AccessEntry:
    known = ("principal", "policy", "namespaces")
    if not isinstance(value, Mapping) or not {"principal", "policy"} <= set(value) <= set(known):
        raise ValueError(f"{name!r} must have principal and policy, may have namespaces, no more")
    principal, policy = value["principal"], value["policy"]
    if not re.fullmatch(r"arn:aws:iam::\d{12}:(role|user)/[\w+=,.@/-]+", str(principal)):
        raise ValueError(f"{name!r} principal {principal!r} must be the ARN of an IAM role or user")
    if policy not in ACCESS_POLICIES:
        choices = ", ".join(ACCESS_POLICIES)
        raise ValueError(f"{name!r} policy {policy!r} must be one of {choices}")
    return AccessEntry(
        name=name,
        principal_arn=principal,
        policy=policy,
        namespaces=_namespaces(name, value.get("namespaces", [])),
    )


def _namespaces(name: str, value: Any) -> tuple[str, ...]:
    valid = isinstance(value, list) and all(re.fullmatch(_LABEL, str(item)) for item in value)
    if not valid:
        raise ValueError(f"{name!r} namespaces must be a list of Kubernetes namespaces")
    return tuple(value)
