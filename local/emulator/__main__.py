"""Run the patched emulator in this process until SIGTERM: `python -m local.emulator`."""

import os
import shutil
import sys
from pathlib import Path

from ministack.app import main as serve
from ministack.core import lambda_runtime

from local.emulator import (
    bounded_environments,
    durable_streams,
    graceful_updates,
    python_runtime,
)


def main() -> None:
    """Serve with the settings of `local.emulator.environment`, leaving no temporary file behind."""
    temporary = Path(os.environ["TMPDIR"])
    _empty(temporary)
    python_runtime.install()
    graceful_updates.install()
    bounded_environments.install()
    durable_streams.install()
    try:
        serve()
    finally:
        lambda_runtime.reset()  # ends the functions' processes
        _empty(temporary)
        sys.stdout.flush()
        # Executions that wait for a task token hold threads for hours. The state is saved by now.
        os._exit(0)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    main()
