"""The names that `exec` takes."""

from localcloud.aws.snapshots import Instance
from localcloud.status_api import host_names


def instance(number: int, name: str | None, state: str = "running") -> Instance:
    return Instance(
        id=f"i-{number}", name=name, dns_name=f"ip-10-0-0-{number}.eu-west-1.compute.internal",
        private_ip=f"10.0.0.{number}", type="t3.micro", zone="eu-west-1a", region="eu-west-1",
        state=state,
    )  # fmt: skip


def test_an_instance_goes_by_id_dns_name_and_tag() -> None:
    assert host_names([instance(1, "bastion")]) == {
        "world": "world",
        "i-1": "i-1",
        "ip-10-0-0-1.eu-west-1.compute.internal": "i-1",
        "bastion": "i-1",
    }


def test_a_tag_names_no_instance_if_two_have_it_one_does_not_run_or_it_is_the_worlds() -> None:
    assert "node" not in host_names([instance(1, "node"), instance(2, "node")])
    assert host_names([instance(1, "bastion", "terminated")]) == {"world": "world"}
    assert host_names([instance(1, "world")])["world"] == "world"
