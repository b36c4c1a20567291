"""Finding tools, running commands, showing progress, and the failures of each."""

import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest

from localcloud.tools import (
    ToolError,
    __main__,
    debian,
    disk,
    find,
    gobuilds,
    packages,
    toolset,
    versions,
)
from localcloud.tools.commands import Commands, reason
from localcloud.tools.packages import Packages
from localcloud.tools.progress import Progress, clock, line


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EKS_SERVICE_TYPES_CACHE", str(tmp_path))
    return tmp_path


def test_the_first_missing_tool_is_named_and_a_half_built_one_is_none(store: Path) -> None:
    (store / f".making-{gobuilds.entry(gobuilds.UPSTREAM, store).name}-x").mkdir()
    with pytest.raises(ToolError, match=r"^kube-apiserver is not in .*: run make tools$"):
        find()


def test_missing_packages_and_images_are_named_in_turn(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for build in gobuilds.ALL:
        gobuilds.entry(build, store).mkdir()
    monkeypatch.setattr(debian, "present", lambda: True)
    with pytest.raises(ToolError, match=r"^containerd and nginx are not in"):
        find()
    monkeypatch.setattr(debian, "find", lambda folder: Packages(store, "k", "1"))
    monkeypatch.setattr(packages, "missing_utilities", lambda: ["nft"])
    with pytest.raises(ToolError, match=r"^no nft on this machine: run make tools$"):
        find()
    monkeypatch.setattr(packages, "missing_utilities", list)
    with pytest.raises(ToolError, match=r"^the images are not in"):
        find()


def test_a_program_comes_from_our_builds_before_any_other(tmp_path: Path) -> None:
    folders = dict.fromkeys(("cni", "nginx_modules", "charts"), tmp_path)
    tools = toolset.Tools(
        programs={"sh": tmp_path / "sh"}, packages=Packages(tmp_path, "", ""), images={}, **folders
    )
    assert tools.binary("sh") == tmp_path / "sh"
    assert tools.binary("cat").name == "cat"
    with pytest.raises(ToolError, match=r"^no no-such-program: run make tools$"):
        tools.binary("no-such-program")


def test_the_next_kubernetes_is_there_once_it_is_built(store: Path) -> None:
    folders = dict.fromkeys(("cni", "nginx_modules", "charts"), store)
    tools = toolset.Tools({"kubelet": store / "own"}, Packages(store, "", ""), images={}, **folders)
    assert toolset.kubernetes_versions() == {"1.35": versions.KUBERNETES}
    with pytest.raises(ToolError, match="kube-apiserver is not in"):
        tools.binary("kubelet", "1.36")
    entry = gobuilds.entry(gobuilds.ON_REQUEST["1.36"], store)
    entry.mkdir()
    assert toolset.kubernetes_versions()["1.36"] == versions.KUBERNETES_ON_REQUEST
    assert tools.binary("kubelet", "1.36") == entry / "kubelet"
    assert tools.binary("kubelet", "1.35") == tools.binary("kubelet") == store / "own"


def test_too_little_room_says_how_much_is_missing(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Mock(free=3 * disk.GIB))
    monkeypatch.setenv("GOCACHE", str(store))
    with pytest.raises(ToolError, match=r"^7\.0 GiB too little space .* 10\.0 GiB needed"):
        disk.require_space(store / "new", large=True)
    disk.require_space(store / "new", large=False)


def test_stopping_ends_whole_process_groups_and_starts_no_more(tmp_path: Path) -> None:
    commands, fifo, failures = Commands(), tmp_path / "fifo", []
    os.mkfifo(fifo)

    def run() -> None:
        try:
            # The child of the shell holds the pipe open until it too has ended.
            script = f"sleep 60 > {fifo} & echo $! ; wait"
            commands.run(["sh", "-c", script], log=tmp_path / "log", cwd=tmp_path)
        except ToolError as error:
            failures.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    with fifo.open() as pipe:
        commands.stop()
        assert pipe.read() == ""
    thread.join()
    assert len(failures) == 1
    with pytest.raises(ToolError, match="not started"):
        commands.run(["true"], log=tmp_path / "log", cwd=tmp_path)


def test_the_failure_of_one_build_stops_the_other(tmp_path: Path) -> None:
    commands = Commands()
    sleep = partial(commands.run, ["sleep", "60"], log=tmp_path / "a", cwd=tmp_path)
    begun = time.monotonic()
    with pytest.raises(ToolError, match="broken"):
        toolset._together([sleep, Mock(side_effect=ToolError("broken"))], commands)
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    ("output", "code", "expected"),
    [
        ("go: x@v1: reading https://p/x: 403 Forbidden", 1, "download refused: .*403 Forbidden"),
        ("a\nwrite: no space left on device\nb", 1, "the disk is full"),
        ("a\nlast word\n\n", 1, "^last word$"),
        ("", 3, "^exit code 3 without output$"),
        ("", -signal.SIGKILL, "killed by SIGKILL"),
    ],
)
def test_the_reason_of_a_failure_is_one_line(output: str, code: int, expected: str) -> None:
    with pytest.raises(ToolError, match=expected) as caught:
        raise ToolError(reason(output, code))
    assert "\n" not in str(caught.value)


def test_without_a_terminal_a_step_is_a_line_at_its_start_and_once_it_is_done() -> None:
    said: list[str] = []
    with pytest.raises(ToolError), Progress(said.append).step("building x"):
        raise ToolError("broken")
    assert said == ["building x ..."]
    with Progress(said.append).step("building x"):
        assert said[1:] == ["building x ..."]
    assert said[2:] == [line("building x", "0:00")]


def test_on_a_terminal_the_running_steps_share_one_line_that_is_rewritten() -> None:
    screen = io.StringIO()
    said: list[str] = []
    progress = Progress(said.append, screen)
    with progress.step("one"), progress.step("two"):
        progress._draw()
    assert "\r\x1b[2Kone + two" in screen.getvalue()
    assert said == [line("two", "0:00"), line("one", "0:00")]


def test_lines_fit_eighty_columns() -> None:
    assert clock(444.6) == "7:24"
    assert len(line("x" * 200, "10:00")) == 79
    for build in gobuilds.ALL:
        assert build.title in line(build.title, "10:00")


def test_a_failure_shows_the_end_of_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "x.log"
    log.write_text("".join(f"line {number} {'x' * 200}\n" for number in range(100)))
    __main__.report(ToolError("building x failed: line 99 " + "y " * 60, log))
    shown = capsys.readouterr().err.splitlines()
    assert shown[-1] == f"full log: {log}"
    assert all(len(text) < 80 for text in shown[:-1])
    assert shown[-2].startswith("  line 99")


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [(ToolError("broken"), 1, "broken"), (KeyboardInterrupt(), 130, "interrupted"), (None, 0, "")],
)
def test_the_exit_code_says_how_it_ended(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException | None,
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr(__main__, "ensure", Mock(side_effect=raised))
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    assert __main__.main([]) == code
    assert said in capsys.readouterr().err


def test_the_module_says_what_is_wrong_in_one_line_and_no_traceback(tmp_path: Path) -> None:
    cache = tmp_path / "file"
    cache.write_text("in the way")
    done = subprocess.run(
        [sys.executable, "-m", "localcloud.tools"], capture_output=True, text=True,
        cwd=Path(__file__).parents[4], env=os.environ | {"EKS_SERVICE_TYPES_CACHE": str(cache)},
    )  # fmt: skip
    assert done.returncode == 1
    assert " ".join(done.stderr.split()).startswith(f"cannot write below {cache}: ")
    assert "Traceback" not in done.stderr


def test_another_kubernetes_version_is_built_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = Mock()
    monkeypatch.setattr(__main__, "ensure", asked)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    assert __main__.main(["--kubernetes", "1.36"]) == 0
    asked.assert_called_once_with(kubernetes="1.36")
    with pytest.raises(SystemExit, match="2"):
        __main__.main(["--kubernetes", "1.30"])
    assert "invalid choice: '1.30' (choose from '1.36')" in capsys.readouterr().err


def test_what_is_built_on_request_is_built_beside_the_rest(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Mock()
    monkeypatch.setattr(toolset, "_complete", lambda: True)
    monkeypatch.setattr(toolset, "_make_all", made)
    monkeypatch.setattr(toolset, "find", Mock())
    toolset.ensure(Mock())
    made.assert_not_called()
    toolset.ensure(Mock(), "1.36")
    assert made.call_args.args[1] == [gobuilds.ON_REQUEST["1.36"]]
