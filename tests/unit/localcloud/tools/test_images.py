"""Images: byte for byte the same, in the layout that pods expect, with the cloud's CA on top."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from localcloud.tools import ToolError, elf, images, versions, with_ca
from localcloud.tools.docker_archive import CERTIFICATES, Image, Layer
from localcloud.tools.packages import Packages


def _read(archive: tarfile.TarFile, member: str | tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


def _open(path: Path) -> tuple[dict[str, Any], dict[str, Any], list[tarfile.TarFile]]:
    with tarfile.open(path) as archive:
        read = {member.name: _read(archive, member) for member in archive}
        assert all(member.mtime == 0 for member in archive)
    manifest = json.loads(read["manifest.json"])[0]
    config = json.loads(read[manifest["Config"]])
    layers = [read[name] for name in manifest["Layers"]]
    digests = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    assert config["rootfs"]["diff_ids"] == digests
    return manifest, config, [tarfile.open(fileobj=io.BytesIO(layer)) for layer in layers]


def _image(order: int = 1) -> Image:
    layer = Layer()
    for name in ("b/c/file", "a")[::order]:
        layer.file(name, f"of {name}")
    layer.link("link", "a")
    return Image(["localhost/x:1"], layer, {"Entrypoint": ["/a"]})


def test_an_image_is_the_same_whatever_the_order_and_time_of_its_making(tmp_path: Path) -> None:
    _image().write(tmp_path / "one.tar")
    _image(order=-1).write(tmp_path / "two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_an_image_has_its_folders_before_its_files_and_no_owner_but_root(tmp_path: Path) -> None:
    _image().write(tmp_path / "one.tar")
    manifest, config, (layer,) = _open(tmp_path / "one.tar")
    assert manifest["RepoTags"] == ["localhost/x:1"]
    assert config["config"] == {"Entrypoint": ["/a"]}
    assert layer.getnames() == ["a", "b", "b/c", "b/c/file", "link"]
    assert {(member.uid, member.mtime) for member in layer} == {(0, 0)}


def test_with_ca_adds_one_layer_and_keeps_all_else(tmp_path: Path) -> None:
    image = images.static("localhost/x:1", Path(__file__), "program")
    image.write(tmp_path / "one.tar")
    with_ca(tmp_path / "one.tar", b"PEM", tmp_path / "two.tar")
    manifest, config, (below, above) = _open(tmp_path / "two.tar")
    before, before_config, (same,) = _open(tmp_path / "one.tar")
    assert below.getnames() == same.getnames()
    assert (manifest["RepoTags"], config["config"]) == (before["RepoTags"], before_config["config"])
    assert _read(below, CERTIFICATES) == b""
    assert _read(above, CERTIFICATES) == b"PEM"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.tar", "two.tar"]


def test_with_ca_can_replace_its_own_input(tmp_path: Path) -> None:
    _image().write(tmp_path / "one.tar")
    with_ca(tmp_path / "one.tar", b"PEM", tmp_path / "one.tar")
    assert len(_open(tmp_path / "one.tar")[2]) == 2


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    root = tmp_path / "root"
    for name in (
        "usr/sbin/nginx", "bin/busybox", "usr/share/nginx/html/index.html", "etc/nginx/mime.types"
    ):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return Packages(root, "key", "1.22.1")


def test_nginx_without_its_page_is_refused(packages: Packages) -> None:
    (packages.root / "usr/share/nginx/html/index.html").unlink()
    with pytest.raises(ToolError, match=r"index\.html"):
        images.nginx(packages)


def test_the_images_entry_changes_with_every_input(tmp_path: Path) -> None:
    entries = {images.entry(tmp_path, inputs) for inputs in [("a", "b"), ("a", "c"), ("b", "b")]}
    assert len(entries) == 3


def test_images_are_written_whole_and_read_by_every_name(
    packages: Packages, tmp_path: Path
) -> None:
    target = tmp_path / "images-1"
    images.ensure(target, lambda name: Path(__file__), packages)
    written = images.read(target)
    assert set(written) == {
        versions.PAUSE_IMAGE, versions.COREDNS_IMAGE, versions.CONTROLLER_IMAGE,
        versions.POD_IDENTITY_AGENT_IMAGE, versions.NGINX_IMAGE, "localhost/nginx:1.22.1",
    }  # fmt: skip
    for name, path in written.items():
        assert name in _open(path)[0]["RepoTags"]


def test_a_loaders_listing_gives_the_libraries() -> None:
    listing = (
        "\tlinux-vdso.so.1 (0x00007ffe)\n"
        "\tlibz.so.1 => /r/lib/libz.so.1 (0x00007f1)\n"
        "\t/lib64/ld-linux-x86-64.so.2 => /r/lib/ld-linux-x86-64.so.2 (0x00007f3)\n"
    )
    expected = [Path("/r/lib/libz.so.1"), Path("/r/lib/ld-linux-x86-64.so.2")]
    assert elf.resolved(listing) == expected


def test_a_program_whose_loader_is_missing_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF\0/lib64/ld-linux-x86-64.so.2\0")
    with pytest.raises(ToolError, match=r"no ld-linux-x86-64\.so\.2 below"):
        elf.linked(program, tmp_path)
