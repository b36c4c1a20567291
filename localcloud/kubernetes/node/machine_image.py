"""The container images that every node starts with, as those in an AMI.

They are imported once per cloud. Each node gets hard links to the result, since containerd never
writes to blobs and unpacked layers again.
"""

import contextlib
import logging
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from localcloud.kubernetes.node import containerd
from localcloud.kubernetes.node.namespace import first_command
from localcloud.kubernetes.node.plan import Programs
from localcloud.process import Process
from localcloud.tools.docker_archive import with_ca
from localcloud.tools.versions import PAUSE_IMAGE

DATABASES = "*.db"  # containerd writes to them, so each node needs a copy
ATTEMPTS = 2  # since its containerd may be killed
log = logging.getLogger(__name__)


def archives(images: Mapping[str, Path]) -> tuple[Path, list[Path]]:
    """The archive of pause, which needs no CAs, and all others, each once."""
    pause = images[PAUSE_IMAGE]
    return pause, sorted(set(images.values()) - {pause})


def clone(source: Path, target: Path) -> None:
    """Copy a containerd root by hard links, but copy its databases."""
    subprocess.run(["cp", "--archive", "--link", str(source), str(target)], check=True)
    for database in target.rglob(DATABASES):
        whole = database.with_name(f"{database.name}.new")
        shutil.copy2(database, whole)
        whole.rename(database)


class MachineImage:
    """Builds the image below `folder` in a thread; the images' programs trust the CA `ca_pem`.

    A failure is not final: the next node tries again.
    """

    def __init__(
        self, images: Mapping[str, Path], ca_pem: str, folder: Path, logs: Path, programs: Programs
    ) -> None:
        self._images = images
        self._ca_pem = ca_pem
        self._folder = folder
        self._logs = logs
        self._programs = programs
        self._made = False
        self._making = threading.Lock()
        threading.Thread(target=self._begin, name="machine image", daemon=True).start()

    def clone(self, target: Path) -> None:
        """Make `target` a containerd root with all images, once they are imported.

        Raises the error of the last attempt to import them.
        """
        self._ensure()
        clone(self._folder / containerd.ROOT.name, target)

    def _begin(self) -> None:
        with contextlib.suppress(Exception):  # raised for the first node that needs the image
            self._ensure()

    def _ensure(self) -> None:
        with self._making:
            for attempt in range(ATTEMPTS):
                if self._made:
                    return
                try:
                    self._make()
                    self._made = True
                except Exception:
                    log.exception("machine image")
                    if attempt + 1 == ATTEMPTS:
                        raise

    def _make(self) -> None:
        folder, programs = self._folder, self._programs
        shutil.rmtree(folder, ignore_errors=True)  # a killed cloud may have left it
        folder.mkdir(parents=True)
        (folder / containerd.CONFIG).write_text(containerd.config_toml(PAUSE_IMAGE, programs.cni))
        args = [str(programs.binary("containerd")), f"--config={folder / containerd.CONFIG}"]
        process = Process(
            name="machine-image",
            args=first_command(folder, None, (), args),
            log=self._logs / "machine-image.log",
            env=programs.environment,
            healthy=lambda: containerd.answers(process.pid or 0),
        ).start()
        try:
            process.wait_healthy()
            for archive in self._with_ca():
                containerd.import_image(programs.binary("ctr"), process.pid or 0, archive)
        finally:
            process.stop()

    def _with_ca(self) -> Sequence[Path]:
        pause, others = archives(self._images)
        made = [self._folder / archive.name for archive in others]
        for archive, target in zip(others, made, strict=True):
            with_ca(archive, self._ca_pem.encode(), target)
        return [pause, *made]
