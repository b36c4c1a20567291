"""Fork servers: a script runs in a fork as it would in a new process."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from localcloud import process_table
from localcloud.environment import COMMAND
from localcloud.forkserver.client import CLOUD_FOLDER, Fork, ForkServer, NoForkServer, Script
from localcloud.process_table import network_namespace
from tests.cloud.waiting import eventually
from tests.unit.localcloud.forkserver.forks import parent

TIMEOUT = 20.0  # seconds
SEEN = """
import json, os, sys
mask = os.umask(0)
json.dump({
    "argv": sys.argv, "path": sys.path[0], "cwd": os.getcwd(), "env": dict(os.environ),
    "umask": mask, "stdin": sys.stdin.read(), "name": __name__, "server": os.getppid(),
    "modules": sorted(sys.modules),
}, sys.stdout)
print("said", file=sys.stderr)
"""


@dataclass
class Running:
    """A cloud's folder with a first process in it, and scripts to run there."""

    folder: Path
    first: subprocess.Popen[bytes]
    env: dict[str, str]
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def script(self, text: str, *args: str, env: Mapping[str, str] | None = None) -> Script:
        path = self.folder / f"script-{next(self.numbers)}.py"
        path.write_text(text)
        return Script([str(path), *args], str(self.folder), env or self.env)

    def start(self, text: str, *args: str) -> Fork:
        with open(os.devnull) as nothing, (self.folder / "out").open("wb") as out:
            files = (nothing.fileno(), out.fileno(), out.fileno())
            return self.server.run(self.script(text, *args), files)

    def said(self, text: str) -> str:
        assert self.start(text).wait(TIMEOUT) == 0
        return (self.folder / "out").read_text()

    @property
    def server(self) -> ForkServer:
        return ForkServer(str(self.folder), sys.executable)

    def forkservers(self) -> list[int]:
        """The process ids of fork servers, without their forks."""
        mark = f"{self.folder}/forkservers/"
        lines = [(pid, " ".join(line)) for pid, line in process_table.command_lines()]
        found = {pid for pid, line in lines if mark in line and "server.py" in line}
        return sorted(pid for pid in found if parent(pid) not in found)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Running]:
    folder = tmp_path / ("long" * 30)  # more than a socket's path may have
    (folder / "forkservers").mkdir(parents=True)
    # A process with the command line of a cloud's first one: a shell that waits for its input.
    (folder / process_table.INIT).write_text("read line")
    first = subprocess.Popen(
        ["sh", "-m", process_table.INIT, str(folder)], cwd=folder, stdin=subprocess.PIPE
    )
    packages = folder / "packages"
    for name in ("pulumi_example", "other"):
        (packages / name).mkdir(parents=True)
        (packages / name / "__init__.py").write_text(f"print('{name} imported', flush=True)\n")
    running = Running(folder, first, {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages)})
    eventually(lambda: any(each[-1] == str(folder) for _, each in process_table.command_lines()))
    yield running
    first.kill()
    first.communicate()
    eventually(lambda: not running.forkservers())


def test_a_script_has_what_it_was_given(cloud: Running, tmp_path: Path) -> None:
    asked, out, error = (tmp_path / name for name in ("in", "out", "error"))
    asked.write_text("asked")
    script = cloud.script(SEEN, "one", "", env={**cloud.env, "GREETING": "\udcff\n"})
    script.path = ["/somewhere"]
    cloud.server.start(cloud.env)  # whose own umask is another
    before = os.umask(0o027)
    try:
        with asked.open() as i, out.open("w") as o, error.open("w") as e:
            fork = cloud.server.run(script, (i.fileno(), o.fileno(), e.fileno()))
    finally:
        os.umask(before)
    assert fork.wait(TIMEOUT) == 0
    seen = json.loads(out.read_text())
    assert seen["argv"] == [script.argv[0], "one", ""]
    assert (seen["path"], seen["cwd"]) == ("/somewhere", str(cloud.folder))
    assert seen["name"] == "__main__"
    assert seen["env"] == {**cloud.env, "GREETING": "\udcff\n"}
    assert (seen["umask"], seen["stdin"]) == (0o027, "asked")
    assert error.read_text() == "said\n"
    assert [seen["server"]] == cloud.forkservers()
    assert not [name for name in seen["modules"] if name.startswith("localcloud")]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("import sys; sys.exit(32)", 32),
        ("import sys; sys.exit('no')", 1),
        ("raise ValueError", 1),
        ("import os; os._exit(3)", 3),
        ("raise KeyboardInterrupt", -2),
        ("raise SystemExit(-1)", 255),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9),
    ],
)
def test_its_exit_status_is_told(cloud: Running, text: str, status: int) -> None:
    fork = cloud.start(text)
    assert fork.wait(TIMEOUT) == fork.wait(TIMEOUT) == fork.poll() == status


def test_it_ends_as_an_interpreter_does(cloud: Running) -> None:
    """It waits for threads, runs exit functions and flushes its output."""
    said = cloud.said(
        "import atexit, sys, threading, time\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "atexit.register(lambda: print('exit function'))\n"
        "ThreadPoolExecutor(2).submit(lambda: (time.sleep(0.2), print('pool')))\n"
        "threading.Thread(target=lambda: (time.sleep(0.1), print('thread'))).start()\n"
        "sys.stdout = open(1, 'w', closefd=False)\n"
        "print('program')"
    )
    assert said.splitlines() == ["program", "thread", "pool", "exit function"]


def test_it_hears_signals(cloud: Running) -> None:
    fork = cloud.start("import time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: exit(7)")
    with pytest.raises(subprocess.TimeoutExpired):
        fork.wait(0.3)
    assert fork.poll() is None
    fork.send_signal(signal.SIGINT)
    assert fork.wait(TIMEOUT) == 7
    fork.send_signal(signal.SIGINT)  # it has ended: nothing happens
    other = cloud.start("import time; time.sleep(60)")
    other.kill()
    assert other.wait(TIMEOUT) == -signal.SIGKILL


def test_it_ends_with_its_client(cloud: Running) -> None:
    marker = cloud.folder / "ended"
    fork = cloud.start(
        "import pathlib, signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(marker)!r}).touch(), exit()))"
        "\npathlib.Path('begun').touch()\ntime.sleep(60)"
    )
    eventually((cloud.folder / "begun").exists)
    del fork
    eventually(marker.exists)


def test_the_next_script_finds_the_sdks_imported_and_nothing_else(cloud: Running) -> None:
    program = "import pulumi_example, other"
    assert cloud.said(program) == "pulumi_example imported\nother imported\n"
    eventually(lambda: cloud.said(program) == "other imported\n")
    assert len(cloud.forkservers()) == 1


def test_a_changed_module_is_read_anew_and_running_scripts_go_on(cloud: Running) -> None:
    module = cloud.folder / "packages/pulumi_example/__init__.py"
    program = "import pulumi_example\nprint(pulumi_example.VALUE)"
    module.write_text("VALUE = 1")
    assert cloud.said(program) == "1\n"
    eventually(lambda: cloud.said("import sys; print('pulumi_example' in sys.modules)") == "True\n")
    running = cloud.start("import time; time.sleep(60)")
    module.write_text("VALUE = 22")
    assert cloud.said(program) == "22\n"
    assert running.poll() is None
    running.send_signal(signal.SIGTERM)
    assert running.wait(TIMEOUT) == -signal.SIGTERM
    eventually(lambda: len(cloud.forkservers()) == 1)


def test_a_package_that_was_installed_or_removed_is_noticed(cloud: Running) -> None:
    first = cloud.said("import os, pulumi_example; print(os.getppid())").splitlines()[-1]
    (cloud.folder / "packages/new").mkdir()
    second = cloud.said("import os; print(os.getppid())").splitlines()[-1]
    assert first != second
    shutil.rmtree(cloud.folder / "packages/pulumi_example")
    assert "No module" in cloud.said(
        "try: import pulumi_example\nexcept ImportError as e: print(e)"
    )


def test_another_interpreter_environment_has_another_fork_server(cloud: Running) -> None:
    one = cloud.server.run(cloud.script("", env=cloud.env))
    two = cloud.server.run(cloud.script("", env={**cloud.env, "PYTHONOPTIMIZE": "1"}))
    assert (one.wait(TIMEOUT), two.wait(TIMEOUT)) == (0, 0)
    assert len(cloud.forkservers()) == 2


def test_many_at_once_start_one_fork_server(cloud: Running) -> None:
    script = cloud.script("import os; os._exit(5)")
    with ThreadPoolExecutor(8) as pool:
        forks = list(pool.map(lambda _: cloud.server.run(script), range(8)))
    assert {fork.wait(TIMEOUT) for fork in forks} == {5}
    assert len(cloud.forkservers()) == 1


def test_a_fork_server_that_was_killed_is_replaced(cloud: Running) -> None:
    fork = cloud.start("import time; time.sleep(60)")
    os.kill(cloud.forkservers()[0], signal.SIGKILL)
    fork.kill()
    assert fork.wait(TIMEOUT) == -signal.SIGKILL
    assert cloud.said("print(1)") == "1\n"


@pytest.mark.parametrize("same", [True, False])
def test_the_command_forks_only_in_the_namespace_of_the_cloud(cloud: Running, same: bool) -> None:
    script = cloud.script(f"import os, sys; print(sys.argv[1:], os.environ.get('{CLOUD_FOLDER}'))")
    namespace = network_namespace() if same else "net:[1]"
    done = subprocess.run(
        [sys.executable, "-P", COMMAND, cloud.folder, namespace, "", *script.argv, "one"],
        env=cloud.env, text=True, capture_output=True, check=True,
    )  # fmt: skip
    # Without the variable the language host starts programs as processes, too.
    assert done.stdout == f"['one'] {cloud.folder if same else None}\n"
    assert bool(cloud.forkservers()) is same


def test_a_silent_client_does_not_block_others(cloud: Running) -> None:
    assert cloud.said("print(1)") == "1\n"
    cloud.server._connect(cloud.env).close()
    assert cloud.said("print(2)") == "2\n"


def test_it_ends_with_its_cloud(cloud: Running) -> None:
    assert cloud.said("print(1)") == "1\n"
    assert cloud.forkservers()
    cloud.first.kill()
    eventually(lambda: not cloud.forkservers())
    with pytest.raises(NoForkServer, match="no cloud runs in"):
        cloud.start("")


def test_nothing_runs_beside_the_imports_of_a_fork_server(cloud: Running) -> None:
    """A fork has one thread: a lock that another thread held would stay locked."""
    preload = Path(__file__).parents[4] / "localcloud/plugins/preload.py"
    server = ForkServer(str(cloud.folder), sys.executable, str(preload))
    env = {"PATH": os.environ["PATH"]}
    imported = "import sys; sys.exit('localcloud.plugins.aws.servicer' not in sys.modules)"
    eventually(lambda: server.run(cloud.script(imported, env=env)).wait(TIMEOUT) == 0)
    (pid,) = cloud.forkservers()
    assert len(os.listdir(f"/proc/{pid}/task")) == 1


LOADED = "import pulumi_aws; pulumi_aws.acm.outputs; pulumi_aws.acm.Certificate"


def test_a_package_that_was_preloaded_has_all_its_modules_define(cloud: Running) -> None:
    cloud.said(LOADED)
    eventually(
        lambda: "pulumi_aws.acm.certificate" in cloud.said("import sys; print(*sys.modules)")
    )
    cloud.said(LOADED)
