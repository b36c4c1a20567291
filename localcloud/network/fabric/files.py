"""The files that say who a host asks for names."""

from collections.abc import Mapping

from localcloud.aws.records import Instance


def files(resolver: str, instance: Instance | None = None) -> Mapping[str, str]:
    """resolv.conf and hosts of a host; an instance also knows its own name and domain."""
    lines = [f"nameserver {resolver}"]
    names = ["127.0.0.1 localhost"]
    if instance:
        lines.insert(0, f"search {instance.dns_name.partition('.')[2]}")
        names.append(f"{instance.private_ip} {instance.dns_name}")
    return {"resolv.conf": "\n".join(lines) + "\n", "hosts": "\n".join(names) + "\n"}
