"""Files with keys are for their owner only."""

from pathlib import Path

from local.private_file import write_private


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    """Given a file that all may read, when it is replaced, then only the owner may."""
    path = tmp_path / "new/keys.json"
    path.parent.mkdir()
    path.write_text("{}", encoding="ascii")
    path.chmod(0o644)

    write_private(path, "{}")

    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_but_the_file_is_left(tmp_path: Path) -> None:
    """Given a write, when it is over, then its draft is gone."""
    write_private(tmp_path / "keys.json", "one")
    write_private(tmp_path / "keys.json", "two")

    assert [path.read_text(encoding="ascii") for path in tmp_path.iterdir()] == ["two"]
