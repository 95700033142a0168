"""The console's files, built by Vite, for the stack on this machine as for a stage on AWS.

A build is kept under `.local/cache/console`, named by its sources, so that only who comes after a
change of the console waits for it.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_SOURCES: Final = (
    "package-lock.json",
    "web/index.html",
    "web/package.json",
    "web/public",
    "web/src",
    "web/tsconfig.json",
    "web/vite.config.ts",
)
_CACHE: Final = ".local/cache/console"
_TIMEOUT_SECONDS: Final = 120


class ConsoleNotBuiltError(Exception):
    """The console could not be built; the message says what to do, or what Vite said."""


def built_console(root: Path) -> Path:
    """Return the folder of a checkout's built console, and build it first if need be.

    Raises
    ------
    ConsoleNotBuiltError
        If that fails.
    """
    cache = root / _CACHE
    folder = cache / sources_hash(root)
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as made:
            _build(root, Path(made, "dist"))
            _publish(Path(made, "dist"), folder)
    return folder


def sources_hash(root: Path) -> str:
    """Name a build by all that it is made of."""
    digest = hashlib.sha256()
    for path in _files(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root)}\n{content}\n".encode())
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for name in _SOURCES:
        path = root / name
        yield from [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def _build(root: Path, destination: Path) -> None:
    vite = root / "node_modules/.bin/vite"
    if not vite.exists():
        raise ConsoleNotBuiltError("Vite is missing: run `make setup`")
    result = subprocess.run(  # noqa: S603  # the project's own tool, fixed arguments
        [vite, "build", "--logLevel", "warn", "--outDir", str(destination)],
        cwd=root / "web",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )
    if result.returncode:
        raise ConsoleNotBuiltError(f"the console could not be built:\n{result.stdout.strip()}")


def _publish(built: Path, folder: Path) -> None:
    try:
        built.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another synthesis was first, with the same content
            raise
