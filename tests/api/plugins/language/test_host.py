"""The language host runs programs and plugins as the official one does."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import language_pb2

from localcloud.plugins.language.host import MOST_CONFIGURATION, LanguageHost
from localcloud.plugins.provider import PluginError
from tests.engine import Project

host = pytest.fixture(lambda: LanguageHost())


def test_a_program_runs_with_its_settings(project: Project) -> None:
    project.pulumi("config", "set", "size", "3")
    project.pulumi("config", "set", "--secret", "password", "x")
    project.program("""
import json, os, sys
import pulumi
seen = {
    "project": pulumi.get_project(), "stack": pulumi.get_stack(),
    "preview": pulumi.runtime.is_dry_run(), "size": pulumi.Config().get("size"),
    "password": pulumi.Config().get("password"),
    "secret": [pulumi.runtime.is_config_secret(f"example:{key}") for key in ("size", "password")],
    "root": pulumi.get_root_directory(), "here": os.getcwd(),
    "argv": sys.argv, "modules": [p for p in sys.path if "language" in p],
}
open("seen.json", "w").write(json.dumps(seen))
""")
    project.pulumi("preview")
    assert json.loads((project.folder / "seen.json").read_text()) == {
        "project": "example",
        "stack": "example",
        "preview": True,
        "size": "3",
        "password": "x",
        "secret": [False, True],
        "root": str(project.folder),
        "here": str(project.folder),
        "argv": ["."],
        "modules": [],
    }
    assert "Nothing to install" in project.pulumi("install")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit(3)", ["program exited with non-zero exit code: 3"]),
        (
            "import pulumi\nraise pulumi.RunError('not so')",
            ["program exited with non-zero exit code: 1", "error: not so"],
        ),
        (
            "def f():\n    raise ValueError('bad zone')\nf()",
            ["Program failed with an unhandled exception:", "line 3, in <module>", "bad zone"],
        ),
        # The engine has ended the run, and said why.
        ("raise Exception('resource monitor shut down')", []),
        ("import pulumi\nraise pulumi.RunError('Resource monitor has terminated')", []),
        (None, ["unable to find main python program `__main__.py` in `"]),
    ],
)
def test_a_failure_is_told_as_the_official_host_tells_it(
    project: Project, program: str | None, said: list[str]
) -> None:
    if program:
        project.program(program)
    _, _, diagnostics = project.pulumi("preview", fails=True).partition("Diagnostics:")
    assert all(part in diagnostics for part in said)
    assert "program.py" not in diagnostics
    assert bool(diagnostics) == bool(said)


@pytest.mark.parametrize(("more", "runs"), [(0, True), (1, False)])
def test_a_configuration_that_no_program_can_have_is_told_in_one_line(
    project: Project, more: int, runs: bool
) -> None:
    project.program("")
    page = "x" * (MOST_CONFIGURATION - len('{"example:page": ""}') + more)
    with (project.folder / "Pulumi.example.yaml").open("a") as file:
        file.write(f"config:\n  example:page: {page}\n")
    said = project.pulumi("preview", fails=not runs)
    words = f"the stack's configuration has {MOST_CONFIGURATION + 1} bytes: it must be"
    assert (words in said) != runs
    assert "Traceback" not in said


def info(folder: Path, **options: str) -> language_pb2.ProgramInfo:
    given = struct_pb2.Struct()
    given.update(options)
    return language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point=".", options=given
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"virtualenv": "venv"}, "venv/bin/python does not exist"),
        ({"toolchain": "poetry"}, "^the runtime option toolchain: poetry is not supported here$"),
    ],
)
def test_bad_options_are_refused(
    host: Any, tmp_path: Path, options: dict[str, str], reason: str
) -> None:
    with pytest.raises(PluginError, match=reason):
        host.About(language_pb2.AboutRequest(info=info(tmp_path, **options)), None)


def test_cancel_ends_the_program(host: Any, tmp_path: Path) -> None:
    """Here one whose interpreter only sleeps, as Python would need an engine."""
    os.mkfifo(tmp_path / "started")
    python = tmp_path / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n: > started\nexec sleep 20\n")
    python.chmod(0o755)
    request = language_pb2.RunRequest(pwd=str(tmp_path), info=info(tmp_path, virtualenv="venv"))
    with ThreadPoolExecutor() as threads:
        done = threads.submit(host.Run, request, None)
        (tmp_path / "started").open().close()
        host.Cancel(None, None)
        assert done.result().error


def test_a_virtualenv_is_used(host: Any, tmp_path: Path) -> None:
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").symlink_to(sys.executable)
    about = host.About(language_pb2.AboutRequest(info=info(tmp_path, virtualenv="venv")), None)
    assert about.executable == str(tmp_path / "venv/bin/python")
    assert about.version == sys.version.split()[0]


@pytest.mark.parametrize(
    "rpc", ["GetRequiredPackages", "GetRequiredPlugins", "RuntimeOptionsPrompts"]
)
def test_it_needs_and_asks_for_nothing(host: Any, rpc: str) -> None:
    assert not getattr(host, rpc)(None, None).ListFields()


@pytest.mark.parametrize(
    ("program", "kind", "said", "status"),
    [
        (
            "import os, sys; print(sys.argv[1], os.environ['SAY'], os.getcwd());"
            "print('bad', file=sys.stderr); sys.exit(4)",
            "resource",
            ("127.0.0.1:1 hello /\n", "bad\n"),
            4,
        ),
        # A policy pack, by the SDK: in its own folder, with the folder as the last argument.
        ("import os; print('policies in', os.getcwd())", "analyzer", ("policies in {}\n", ""), 0),
    ],
)
def test_a_plugin_is_run_and_heard(
    host: Any, tmp_path: Path, program: str, kind: str, said: tuple[str, str], status: int
) -> None:
    (tmp_path / "__main__.py").write_text(program)
    request = language_pb2.RunPluginRequest(
        pwd="/", kind=kind, args=["127.0.0.1:1"], env=["SAY=hello"], info=info(tmp_path)
    )
    answers = list(host.RunPlugin(request, Mock()))
    assert said[0].format(tmp_path) in b"".join(each.stdout for each in answers).decode()
    assert said[1] in b"".join(each.stderr for each in answers).decode()
    assert answers[-1].exitcode == status
