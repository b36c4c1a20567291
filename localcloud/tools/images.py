"""The images of the local cloud: what is in each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from . import versions
from .cache import contents, digest, making
from .docker_archive import CERTIFICATES, Image, Layer
from .elf import linked
from .errors import ToolError
from .packages import Packages

Program = Callable[[str], Path]
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NONROOT = 65532
FILES = Path(__file__).parent / "nginx"
RECORD = "images.json"
SHELL = ("sh", "cat", "echo", "env", "grep", "hostname", "id", "ip", "ls", "mkdir", "nc",
         "nslookup", "ps", "sleep", "test", "timeout", "touch", "wget")  # fmt: skip


def static(name: str, program: Path, path: str, user: int = NONROOT) -> Image:
    """An image of one static program; the CA certificates that it trusts are added later."""
    layer = Layer()
    layer.file(path, program, mode=0o755)
    layer.file(CERTIFICATES, b"")
    layer.file("etc/passwd", f"root:x:0:0::/:\nnonroot:x:{NONROOT}:{NONROOT}::/:\n")
    layer.folder("tmp", mode=0o1777)
    config = {"Entrypoint": [f"/{path}"], "User": str(user), "Env": [PATH], "WorkingDir": "/"}
    return Image([name], layer, config)


def pause(program: Path) -> Image:
    """The pause image: nothing but the program."""
    layer = Layer()
    layer.file("pause", program, mode=0o755)
    return Image([versions.PAUSE_IMAGE], layer, {"Entrypoint": ["/pause"], "User": "65535:65535"})


def nginx(packages: Packages) -> Image:
    """The distribution's nginx, laid out as the official nginx image is.

    A pod that runs the official one without root and without a writable root file system,
    with empty folders at /var/cache/nginx and /var/run, runs this one too.
    """
    program = _required(packages.program("nginx"), "nginx")
    shell = _required(packages.program("busybox"), "busybox")
    version = packages.nginx_version
    layer = Layer()
    layer.file("usr/sbin/nginx", program, mode=0o755)
    layer.file("bin/busybox", shell, mode=0o755)
    for name in SHELL:
        layer.link(f"bin/{name}", "busybox")
    for path, library in (linked(program, packages.root) | linked(shell, packages.root)).items():
        layer.file(path, library, mode=0o755)
    _nginx_files(layer, packages)
    config = {
        "Cmd": ["nginx", "-g", "daemon off;"],
        "Env": [PATH, f"NGINX_VERSION={version}"],
        "ExposedPorts": {"80/tcp": {}},
        "StopSignal": "SIGQUIT",
    }
    return Image([f"{versions.NGINX_REPOSITORY}:{version}", versions.NGINX_IMAGE], layer, config)


def _nginx_files(layer: Layer, packages: Packages) -> None:
    page = packages.first(("usr/share/nginx/html/index.html", "usr/share/nginx/index.html"))
    layer.file("usr/share/nginx/html/index.html", _required(page, "nginx's index.html"))
    types = _required(packages.first(("etc/nginx/mime.types",)), "nginx's mime.types")
    layer.file("etc/nginx/mime.types", types)
    layer.file("etc/nginx/nginx.conf", FILES / "nginx.conf")
    layer.file("etc/nginx/conf.d/default.conf", FILES / "default.conf")
    layer.file("etc/passwd", FILES / "passwd")
    layer.file("etc/group", FILES / "group")
    layer.file(CERTIFICATES, b"")
    for folder in ("var/cache/nginx", "run", "var/lib"):
        layer.folder(folder)
    layer.folder("tmp", mode=0o1777)
    layer.link("var/run", "/run")
    # Debian's nginx keeps temporary files here, and the official image in another folder: with
    # this link both work, also for a pod with an nginx.conf of its own.
    layer.link("var/lib/nginx", "/var/cache/nginx")
    layer.link("var/log/nginx/access.log", "/dev/stdout")
    layer.link("var/log/nginx/error.log", "/dev/stderr")


def _required(path: Path | None, what: str) -> Path:
    if path is None:
        raise ToolError(f"no {what} for the nginx image: install nginx and busybox again")
    return path


def all_images(program: Program, packages: Packages) -> Iterator[tuple[str, Image]]:
    """Every image with the name of its file."""
    yield "pause.tar", pause(program("pause"))
    yield "coredns.tar", static(versions.COREDNS_IMAGE, program("coredns"), "coredns")
    controller = program("aws-load-balancer-controller")
    yield "controller.tar", static(versions.CONTROLLER_IMAGE, controller, "controller")
    agent = program("pod-identity-agent")
    # It binds port 80 in the node's network namespace, so it runs as root, as on EKS.
    yield (
        "pod-identity-agent.tar",
        static(versions.POD_IDENTITY_AGENT_IMAGE, agent, "pod-identity-agent", user=0),
    )
    yield "nginx.tar", nginx(packages)


def entry(cache: Path, inputs: tuple[str, ...]) -> Path:
    """The folder of the images; `inputs` are the cache keys of what they are built from."""
    here = Path(__file__).parent
    code = (here / name for name in ("docker_archive.py", "images.py", "elf.py", "versions.py"))
    return (
        cache
        / f"images-{digest((*contents(FILES), *(path.read_bytes() for path in code), *inputs))}"
    )


def ensure(target: Path, program: Program, packages: Packages) -> None:
    """Write all images and the list of their names, unless they exist."""
    if target.exists():
        return
    with making(target) as folder:
        names: dict[str, str] = {}
        for file, image in all_images(program, packages):
            image.write(folder / file)
            names |= dict.fromkeys(image.names, file)
        (folder / RECORD).write_text(json.dumps(names, indent=1))


def read(folder: Path) -> dict[str, Path]:
    """The images of a folder: name to docker-archive tar."""
    names: dict[str, str] = json.loads((folder / RECORD).read_text())
    return {name: folder / file for name, file in names.items()}
