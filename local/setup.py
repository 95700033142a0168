"""Set a fresh checkout up: `python3 local/setup.py`. Needs nothing but Python and Node.

With `checks` it makes what only `make check` needs.

Uses the standard library only, in a syntax that old Pythons read too: they are to say what is
missing, not to fail on it. Running it again does only what changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
EMULATOR_VENV = ROOT / ".local/emulator-venv"
STAMPS = ROOT / ".local/stamps"
REQUIREMENTS = ROOT / "requirements.txt"
EMULATOR_REQUIREMENTS = ROOT / "local/emulator/requirements.txt"
RIE_FOLDER = ROOT / ".local/rie"
RIE_REQUIREMENTS = ROOT / "local/rie/requirements.txt"
CHECKOV_VENV = ROOT / ".local/checkov-venv"
CHECKOV_REQUIREMENTS = ROOT / "infra/checkov/requirements.txt"
NODE_INPUTS = (ROOT / "package.json", ROOT / "package-lock.json", ROOT / "web/package.json")

OLDEST_PYTHON = (3, 11)
OLDEST_NODE_20 = (20, 19)  # Vite's own range; what is in between is no long-term release
OLDEST_NODE = (22, 12)
VERSION = "{}.{}".format(*sys.version_info)
COMMAND_SECONDS = 900
QUIET = {
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


class SetupError(Exception):
    """Something that the person at the terminal can act on; its text is all that is shown."""


@dataclass(frozen=True)
class Task:
    """Something that is made from files.

    Parameters
    ----------
    name
        What is made.
    inputs
        The files that it is made from; it is made again when one of them changes.
    output
        A file that shows that it is there.
    make
        Makes it.
    """

    name: str
    inputs: tuple[Path, ...]
    output: Path
    make: Callable[[], None]

    def bring_up_to_date(self) -> bool:
        """Make it unless it is up to date; tell whether that was necessary."""
        stamp = STAMPS / self.name.replace(" ", "-")
        digest = self._digest()
        if self.output.exists() and stamp.exists() and stamp.read_text() == digest:
            return False
        stamp.unlink(missing_ok=True)
        started = time.monotonic()
        self.make()
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest)
        print(f"  ✓ {self.name:<32}{time.monotonic() - started:6.1f} s", flush=True)
        return True

    def _digest(self) -> str:
        digest = hashlib.sha256(VERSION.encode())
        for path in self.inputs:
            digest.update(path.read_bytes())
        return digest.hexdigest()


def main(what: str = "") -> int:
    """Check the machine, then make what is missing.

    Parameters
    ----------
    what
        `checks` for what only `make check` needs.

    Returns
    -------
    int
        0, or 1 with what to do about it on the standard error.
    """
    try:
        require_python(sys.version_info[:2])
        require_node()
        tasks = CHECK_TASKS if what == "checks" else TASKS
        made = [task.bring_up_to_date() for task in tasks]
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not any(made) and not what:
        print("  ✓ everything is set up")
    return 0


def require_python(version: tuple[int, int]) -> None:
    """Refuse a Python that is too old, or that was packaged without its `venv`."""
    if version < OLDEST_PYTHON:
        raise SetupError(
            "Python {}.{} is too old: install 3.11 or newer and run this with it, "
            "such as `python3.13 local/setup.py`".format(*version)
        )
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            "this Python comes without venv: install it "
            "(Debian and Ubuntu: `apt install python{}.{}-venv`)".format(*version)
        )


def require_node() -> None:
    """Refuse a machine without Node and npm, which the CDK's command line needs."""
    advice = "install Node 20.19 or 22.12, or newer, with npm (https://nodejs.org)"
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        raise SetupError(f"Node or npm is missing: {advice}")
    version = run(node, "--version").strip()
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    found = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
    if not (OLDEST_NODE_20 <= found < (21, 0) or found >= OLDEST_NODE):
        raise SetupError(f"Node {version} is too old: {advice}")


def make_venv() -> None:
    """Make the project's virtual environment, from hashes alone."""
    if not is_of_this_python(VENV):
        venv.create(VENV, with_pip=True, symlinks=True, clear=True)
    install_uv()
    install(VENV, REQUIREMENTS)


def make_emulator_venv() -> None:
    """Make the emulator's own virtual environment; it pins another botocore."""
    if not is_of_this_python(EMULATOR_VENV):
        venv.create(EMULATOR_VENV, with_pip=False, symlinks=True, clear=True)
    install(EMULATOR_VENV, EMULATOR_REQUIREMENTS)


def take_runtime_emulator() -> None:
    """Take the emulator of Lambda's runtime interface out of the SAM CLI, and leave the rest."""
    with tempfile.TemporaryDirectory() as folder:
        uv = (str(VENV / "bin/uv"), "pip", "install", "--quiet", "--no-deps", "--target", folder)
        run(*uv, "--require-hashes", "--requirements", str(RIE_REQUIREMENTS))
        shutil.copytree(Path(folder, "samcli/local/rapid"), RIE_FOLDER, dirs_exist_ok=True)
    for program in RIE_FOLDER.iterdir():
        program.chmod(0o755)


def make_checkov_venv() -> None:
    """Make checkov's own virtual environment; what it pins is not what we do."""
    if not is_of_this_python(CHECKOV_VENV):
        venv.create(CHECKOV_VENV, with_pip=False, symlinks=True, clear=True)
    install(CHECKOV_VENV, CHECKOV_REQUIREMENTS)


def make_node_modules() -> None:
    """Install the Node tools exactly as locked."""
    run(shutil.which("npm") or "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")


def is_of_this_python(folder: Path) -> bool:
    """Tell whether a virtual environment is there and of the Python that runs this."""
    settings = folder / "pyvenv.cfg"
    if not settings.exists() or not (folder / "bin/python").exists():
        return False
    return bool(
        re.search(rf"^version\S* = {re.escape(VERSION)}\.", settings.read_text(), re.MULTILINE)
    )


def install_uv() -> None:
    """Install the installer with pip, at the version and with the hashes of the lock file."""
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder, "uv.txt")
        requirement.write_text(locked("uv", REQUIREMENTS.read_text()))
        python = str(VENV / "bin/python")
        run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(requirement))


def locked(name: str, lock: str) -> str:
    """Cut one package with its hashes out of a lock file.

    Parameters
    ----------
    name
        The package.
    lock
        The lock file's text.
    """
    found = re.search(rf"^{re.escape(name)}==.*\\\n(?: +--hash=.*\n)+", lock, re.MULTILINE)
    if not found:
        raise SetupError(f"{REQUIREMENTS.name} does not lock {name}: run `make lock`")
    return found.group(0)


def install(environment: Path, requirements: Path) -> None:
    """Install what a lock file names into a virtual environment."""
    python = str(environment / "bin/python")
    uv = (str(VENV / "bin/uv"), "pip", "install", "--quiet", "--python", python)
    run(*uv, "--require-hashes", "--requirements", str(requirements))


def run(*command: str) -> str:
    """Run a program in the repository's root; its output is the error when it fails."""
    try:
        result = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=True,
            timeout=COMMAND_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        raise SetupError(f"{' '.join(command[:3])} failed:\n{error.output.strip()}") from None
    except subprocess.TimeoutExpired:
        raise SetupError(f"{' '.join(command[:3])} took over {COMMAND_SECONDS} s") from None
    return result.stdout


TASKS = (
    Task("Python tools", (REQUIREMENTS,), VENV / "bin/uv", make_venv),
    Task("Node tools", NODE_INPUTS, ROOT / "node_modules/.bin/cdk", make_node_modules),
    Task(
        "emulator",
        (EMULATOR_REQUIREMENTS,),
        EMULATOR_VENV / "bin/python",
        make_emulator_venv,
    ),
    Task(
        "Lambda runtime interface",
        (RIE_REQUIREMENTS,),
        RIE_FOLDER / "aws-lambda-rie-x86_64",
        take_runtime_emulator,
    ),
)

CHECK_TASKS = (
    Task("checkov", (CHECKOV_REQUIREMENTS,), CHECKOV_VENV / "bin/python", make_checkov_venv),
)

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
