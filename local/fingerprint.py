"""Tell whether anything changed since a step last succeeded."""

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LEFT_OUT = frozenset({"__pycache__", "node_modules", ".DS_Store", ".mypy_cache", ".pytest_cache"})


def fingerprint(root: Path, names: Iterable[str]) -> str:
    """Hash names and contents of files and folders.

    Parameters
    ----------
    root
        The folder that `names` are relative to.
    names
        Files or folders; one that does not exist counts as empty.

    Returns
    -------
    str
        SHA-256 in hex, the same on every machine for the same contents.
    """
    digest = hashlib.sha256()
    for path in sorted(path for name in names for path in _files(root / name)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        for child in path.iterdir():
            if child.name not in LEFT_OUT:
                yield from _files(child)


@dataclass(frozen=True)
class Stamp:
    """The fingerprint that a step's inputs had when it last succeeded.

    Parameters
    ----------
    path
        The file that keeps it.
    """

    path: Path

    def matches(self, digest: str) -> bool:
        """Tell whether the step last succeeded with inputs of this fingerprint."""
        return self.path.is_file() and self.path.read_text(encoding="ascii") == digest

    def remove(self) -> None:
        """Forget it: a step that fails half-way must run again."""
        self.path.unlink(missing_ok=True)

    def write(self, digest: str) -> None:
        """Remember that the step succeeded with inputs of this fingerprint."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(digest, encoding="ascii")


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait until no other stack of this checkout builds what all of them use.

    Parameters
    ----------
    path
        The file that is locked meanwhile.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
