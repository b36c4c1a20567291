"""The programs of a control plane as data."""

import json
from dataclasses import replace
from pathlib import Path

from localcloud.kubernetes import components
from localcloud.kubernetes.control_plane import audit_policy, log_files, server_names
from tests.unit.localcloud.kubernetes.examples import CONTROL_PLANE


def test_only_a_cluster_with_a_key_encrypts_its_secrets() -> None:
    flag = "--encryption-provider-config=/state/demo/encryption.json"
    encrypted = replace(CONTROL_PLANE, encrypted=True)
    assert flag in components.api_server(encrypted).arguments
    assert flag not in components.api_server(CONTROL_PLANE).arguments


def test_requests_are_logged_when_the_cluster_has_an_audit_log() -> None:
    log = log_files(Path("/logs"), "demo")["audit"]
    flags = components.api_server(replace(CONTROL_PLANE, audit_log=log)).arguments
    assert "--audit-log-path=/logs/demo-audit.log" in flags
    assert not any("audit" in flag for flag in components.api_server(CONTROL_PLANE).arguments)
    assert json.loads(audit_policy())["rules"][-1] == {"level": "Metadata"}


def test_etcd_listens_to_its_own_host_alone() -> None:
    flags = components.etcd(CONTROL_PLANE).flags
    for name in ("listen-client-urls", "listen-peer-urls"):
        assert str(flags[name]).startswith("http://127.0.0.1:")


def test_every_program_has_a_limit_to_its_memory() -> None:
    parts = [part for layer in components.layers(CONTROL_PLANE) for part in layer]
    assert [part.program for part in parts if "GOMEMLIMIT" not in part.env] == []


def test_the_certificate_is_good_for_every_way_in() -> None:
    names = server_names("172.20.0.0/16", ("10.0.1.4", "100.65.1.2"))
    wanted = {"127.0.0.1", "localhost", "10.0.1.4", "100.65.1.2", "172.20.0.1",
              "kubernetes.default.svc.cluster.local", "kubernetes.default"}  # fmt: skip
    assert wanted <= set(names)
