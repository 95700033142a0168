"""A PostgreSQL of the benchmark's own: in a temporary folder, on 127.0.0.1, never as root."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from local.settings import free_port

USER: Final = "bench"
_SERVICE_USER: Final = "postgres"
_INSTALLED: Final = Path("/usr/lib/postgresql")
_INSTALL_SECONDS: Final = 600
_COMMAND_SECONDS: Final = 60
_START_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1


class PostgresMissingError(Exception):
    """It is not installed, and cannot be installed by this user."""


def ensured_programs() -> Path:
    """Return the folder of its programs; install Debian's package if need and right are there.

    Raises
    ------
    PostgresMissingError
        If it is missing still.
    """
    folder = _programs()
    if folder is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        folder = _programs()
    if folder is None:
        raise PostgresMissingError("PostgreSQL is not installed (Debian: apt install postgresql)")
    return folder


@contextmanager
def running_postgres(databases: Sequence[str]) -> Iterator[int]:
    """Run a server with empty databases for as long as the block takes, and yield its port.

    Raises
    ------
    PostgresMissingError
        If there is none to run.
    """
    programs = ensured_programs()
    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, _SERVICE_USER)
        data = str(Path(folder, "data"))
        _run(programs, folder, "initdb", "-D", data, "-U", USER, "--auth=trust", "--locale=C")
        port = free_port(0)
        process = _started(programs, folder, data, port)
        try:
            for database in databases:
                _await_created(programs, folder, port, database)
            yield port
        finally:
            process.send_signal(signal.SIGINT)  # its fast shutdown: connections are cut
            process.wait(timeout=_COMMAND_SECONDS)


def _programs() -> Path | None:
    versions = [path for path in _INSTALLED.glob("*/bin") if (path / "postgres").exists()]
    if versions:
        return max(versions, key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _install() -> None:
    # At run level 1 the package leaves its own server, which nobody asked for, unstarted.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (("update", "-qq"), ("install", "-qq", "--no-install-recommends", "postgresql")):
        subprocess.run(  # noqa: S603  # fixed arguments
            ["apt-get", "-y", *command],  # noqa: S607  # Debian's own
            env=environment,
            stdout=subprocess.DEVNULL,
            check=False,  # what is missing afterwards is told by the caller
            timeout=_INSTALL_SECONDS,
        )


def _started(programs: Path, folder: str, data: str, port: int) -> subprocess.Popen[bytes]:
    arguments = ["-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder]
    return subprocess.Popen(  # noqa: S603  # fixed arguments
        [str(programs / "postgres"), *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **_unprivileged(),
    )


def _await_created(programs: Path, folder: str, port: int, database: str) -> None:
    """Create a database as soon as the server takes connections."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            _run(
                programs,
                folder,
                *("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", USER, database),
            )
        except subprocess.CalledProcessError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return


def _run(programs: Path, folder: str, program: str, *arguments: str) -> None:
    subprocess.run(  # noqa: S603  # fixed arguments
        [str(programs / program), *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=_COMMAND_SECONDS,
        **_unprivileged(),
    )


def _unprivileged() -> dict[str, Any]:
    """Leave root behind, as PostgreSQL demands."""
    if os.geteuid() != 0:
        return {}
    return {"user": _SERVICE_USER, "group": _SERVICE_USER, "extra_groups": []}
