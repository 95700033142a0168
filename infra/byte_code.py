"""Byte code in every package: without it, or if it is stale, a cold start takes twice as long.

Lambda mounts packages read-only, so what is not compiled before is compiled at every cold start.
"Unchecked" byte code holds whatever the file times are (PEP 552). It is for one Python: if this
machine has no interpreter of the runtime's version, packages ship without, and synthesis says so.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TIMEOUT_SECONDS: Final = 300


@functools.cache
def interpreter(python: str) -> Path | None:
    """Find an interpreter of a version on this machine: this one, or one that others installed.

    Parameters
    ----------
    python
        The version, for example `3.13`.
    """
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    return next((found for found in _candidates(python) if _is(found, python)), None)


def _candidates(python: str) -> Iterator[Path]:
    """Look on the path, among uv's and among pyenv's, whose names on the path may lead nowhere."""
    name = f"python{python}"
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    for versions in (
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local/share/uv/python")),
        Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions"),
    ):
        yield from sorted(versions.glob(f"*{python}*/bin/{name}"))


def _is(candidate: Path, python: str) -> bool:
    asked = subprocess.run(  # noqa: S603  # an interpreter, asked for its version
        [candidate, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        check=False,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
    )
    return asked.stdout.strip() == python


def signature(python: str) -> str:
    """Say what decides the byte code of a package, beside its sources; a part of asset hashes."""
    return f"byte code {python}" if interpreter(python) else "no byte code"


def compile_ahead(folder: Path, python: str, mounted_at: str, leave: str = "$^") -> None:
    """Compile a package, if this machine can.

    Parameters
    ----------
    folder
        The package.
    python
        The runtime's version.
    mounted_at
        Where the package will be: tracebacks show that.
    leave
        Matches the paths of modules that are not worth their byte code's size.
    """
    found = interpreter(python)
    if found is None:
        return
    options = ["-qq", "-s", str(folder), "-p", mounted_at, "-x", leave]
    options += ["--invalidation-mode", "unchecked-hash"]
    subprocess.run(  # noqa: S603  # an interpreter, and fixed arguments
        [found, "-I", "-m", "compileall", *options, str(folder)],
        check=False,  # libraries bring modules for other versions of Python along
        timeout=_TIMEOUT_SECONDS,
        stdout=sys.stderr,
    )
