"""Container images as docker-archive tars, byte for byte the same from the same inputs."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .golang import architecture

CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"


@dataclass
class Layer:
    """Files of an image by path, without a leading slash; parent folders are added as needed."""

    members: dict[str, tuple[tarfile.TarInfo, bytes]] = field(default_factory=dict)

    def _add(
        self, path: str, kind: bytes, mode: int, owner: int, data: bytes = b""
    ) -> tarfile.TarInfo:
        parent = path.rpartition("/")[0]
        if parent and parent not in self.members:
            self.folder(parent)
        info = tarfile.TarInfo(path)
        info.type, info.mode, info.uid, info.gid, info.size = kind, mode, owner, owner, len(data)
        self.members[path] = (info, data)
        return info

    def folder(self, path: str, mode: int = 0o755, owner: int = 0) -> None:
        """Add a folder; `owner` is its user and group."""
        self._add(path, tarfile.DIRTYPE, mode, owner)

    def file(self, path: str, data: bytes | str | Path, mode: int = 0o644) -> None:
        """Add a file with the given contents, or those of a file of this machine."""
        if isinstance(data, str):
            data = data.encode()
        self._add(
            path, tarfile.REGTYPE, mode, 0, data.read_bytes() if isinstance(data, Path) else data
        )

    def link(self, path: str, target: str) -> None:
        """Add a symbolic link."""
        self._add(path, tarfile.SYMTYPE, 0o777, 0).linkname = target

    def tar(self) -> bytes:
        """The layer as a tar archive, sorted by path, with all times 0."""
        return _tar([self.members[path] for path in sorted(self.members)])


@dataclass(frozen=True)
class Image:
    """An image: its names, its one layer, and its configuration in the form of Docker's."""

    names: Sequence[str]
    layer: Layer
    config: Mapping[str, Any]

    def write(self, out: Path) -> None:
        """Write the docker-archive."""
        layer = self.layer.tar()
        document = {
            "architecture": architecture(),
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_sha256(layer)}"]},
        }
        out.write_bytes(_archive(self.names, document, [layer]))


def with_ca(image_tar: Path, ca_pem: bytes, out: Path) -> None:
    """Write to `out` the image with one more layer: `ca_pem` as the certificates it trusts."""
    with tarfile.open(image_tar) as archive:
        manifest = json.loads(_read(archive, "manifest.json"))[0]
        document = json.loads(_read(archive, manifest["Config"]))
        layers = [_read(archive, name) for name in manifest["Layers"]]
    certificates = Layer()
    certificates.file(CERTIFICATES, ca_pem)
    layers.append(certificates.tar())
    document["rootfs"]["diff_ids"].append(f"sha256:{_sha256(layers[-1])}")
    temporary = out.with_name(f".{out.name}.part")
    temporary.write_bytes(_archive(manifest["RepoTags"], document, layers))
    temporary.replace(out)


def _archive(names: Sequence[str], document: Mapping[str, Any], layers: Sequence[bytes]) -> bytes:
    config = json.dumps(document, sort_keys=True).encode()
    files = {f"{_sha256(config)}.json": config}
    layer_names = [f"{_sha256(layer)}/layer.tar" for layer in layers]
    files.update(zip(layer_names, layers, strict=True))
    manifest = [{"Config": f"{_sha256(config)}.json", "RepoTags": [*names], "Layers": layer_names}]
    files["manifest.json"] = json.dumps(manifest).encode()
    return _tar([(_file(name, data), data) for name, data in files.items()])


def _file(name: str, data: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    return info


def _tar(members: Sequence[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    if member is None:
        raise ValueError(f"{name} of an image archive is no file")
    return member.read()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
