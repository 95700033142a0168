"""The emulator by itself, with nothing deployed, for tests that bring their own tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.aws import Aws
from local.child import Child, Service
from local.emulator.environment import environment
from local.layout import HERE, REGION
from local.settings import free_port
from local.steps import StackError

PATCHED = "local.emulator"
STOCK = "ministack"  # as it is published, without our patches


def start(folder: Path, module: str = PATCHED) -> tuple[Child, Aws]:
    """Start an emulator and wait until it serves; the caller ends the child.

    Parameters
    ----------
    folder
        Where it keeps all its files.
    module
        What to start: as the project runs it, or as its makers ship it.

    Raises
    ------
    StackError
        It is not installed, or does not come up.
    """
    if not HERE.emulator_python.exists():
        raise StackError("the emulator is missing: run `python3 local/setup.py` first")
    port = free_port(preferred=0)
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    service = Service(
        name=module,
        command=[str(HERE.emulator_python), "-m", module],
        port=port,
        health_path="/_ministack/ready",
        environment=environment(
            port=port, region=REGION, state=folder / "state", temporary=temporary
        ),
    )
    child = Child(service, folder=HERE.root, log=folder / "emulator.log")
    child.await_ready()
    return child, Aws(f"http://127.0.0.1:{port}")


@contextmanager
def emulator_alone(folder: Path) -> Iterator[Aws]:
    """Run the emulator for as long as the block takes.

    Parameters
    ----------
    folder
        Where it keeps all its files.
    """
    child, aws = start(folder)
    try:
        yield aws
    finally:
        child.end()
