"""Keys on disk. The clusters of tests/cloud need the names and groups of certificates."""

from pathlib import Path

from localcloud.pki import Authority


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    _, key = Authority("c").issue("a").write(tmp_path, "a")
    assert key.stat().st_mode & 0o077 == 0
