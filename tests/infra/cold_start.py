"""What a function imports and opens before its first event, in an interpreter of its own."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.infra.synthesis import ROOT, environment, synthesised

SEARCH_PATH: Final = os.pathsep.join(
    str(ROOT / folder) for folder in ("functions", "layers/shared/python")
)
# What Lambda sets, beside the template's own variables.
RUNTIME: Final = {
    "AWS_REGION": "ap-southeast-1",
    "AWS_DEFAULT_REGION": "ap-southeast-1",
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
}
_SECONDS: Final = 120
# Byte code is counted as its source, so that it does not matter whether it is there yet.
_PROGRAM: Final = """
import sys
opened = set()
def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        opened.add(arguments[0])
sys.addaudithook(note)
import {module}
made = sys.modules.get("kernel.dynamodb")
if made:
    made.client()
import json, re
sources = {{re.sub(r"__pycache__/(.+?)\\.cpython-.*", r"\\1.py", path) for path in opened}}
print(json.dumps({{"modules": sorted(sys.modules), "files": sorted(sources)}}))
"""


@dataclass(frozen=True)
class Start:
    """A function's start.

    Parameters
    ----------
    modules
        What is imported at its end.
    files
        What was opened meanwhile, the interpreter's own start not counted.
    """

    modules: frozenset[str]
    files: tuple[str, ...]

    def has(self, *packages: str) -> list[str]:
        """Name those of some packages and modules that were imported."""
        return [name for name in packages if name in self.modules]


@functools.cache
def start_of(function: str) -> Start:
    """Start a function as the template of the stage `local` describes it."""
    properties = synthesised("local").functions()[function]
    own = {
        name: value if isinstance(value, str) else "resolved-at-deployment"
        for name, value in environment(properties).items()
    }
    return start(properties["Handler"].rsplit(".", 1)[0], own)


def start(module: str, own: Mapping[str, str]) -> Start:
    """Import a module, and make DynamoDB's client if it is one that uses it."""
    done = subprocess.run(  # noqa: S603  # our own interpreter and program
        [sys.executable, "-c", _PROGRAM.format(module=module)],
        env={**RUNTIME, **own, "PYTHONPATH": SEARCH_PATH},
        capture_output=True,
        text=True,
        check=True,
        timeout=_SECONDS,
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    return Start(frozenset(seen["modules"]), tuple(seen["files"]))
