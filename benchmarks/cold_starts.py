"""What functions import and make before their first request, and what a first call adds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.interpreters import cpu_seconds
from tests.infra.synthesis import environment, synthesised

BASELINE: Final = "boto3 and a client"
WITH_OMISE: Final = "billing.webhook, and its call of Omise"
_BARE: Final = "pass"
_MILLISECONDS: Final = 1_000
_CLIENT: Final = "import boto3; boto3.client('dynamodb')"
_MAKE_CLIENT: Final = """
import sys
if "kernel.dynamodb" in sys.modules:
    sys.modules["kernel.dynamodb"].client()
"""
_IMPORT_OMISE: Final = "\nimport billing.adapters.omise_request"
_BUDGET: Final = 1.2
_BUDGETS: Final = {
    "billing.webhook": 0.75,
    "identity.authorizer": 0.4,
    "workflows.run_workflow": 0.75,
}


@dataclass(frozen=True)
class Function:
    """A function that is measured, as the template of the stage `local` describes it.

    Parameters
    ----------
    module
        Its handler's.
    settings
        Its environment.
    """

    module: str
    settings: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its folder, dotted."""
        return self.module.removesuffix(".handler")

    @property
    def program(self) -> str:
        """The program that does what Lambda's init does, the DynamoDB client included."""
        settings = json.dumps(dict(self.settings))
        start = f"import os; os.environ.update({settings})\nimport {self.module}"
        return start + _MAKE_CLIENT


def functions() -> dict[str, Function]:
    """Describe all functions, by name."""
    made = [
        Function(
            properties["Handler"].removesuffix(".handler"),
            {
                name: value if isinstance(value, str) else "resolved-at-deployment"
                for name, value in environment(properties).items()
            },
        )
        for properties in synthesised("local").functions().values()
    ]
    return {function.name: function for function in made}


@dataclass(frozen=True)
class Start:
    """A cold start over that of a bare interpreter, and what it may be."""

    ratio: float
    milliseconds: float
    budget: float | None


def measured(rounds: int) -> dict[str, Start]:
    """Measure the cold start of every function, the baseline first."""
    programs = {"": _BARE, BASELINE: _CLIENT}
    programs |= {name: function.program for name, function in functions().items()}
    programs[WITH_OMISE] = programs["billing.webhook"] + _IMPORT_OMISE
    seconds = cpu_seconds(programs, rounds)
    bare = seconds.pop("")
    unit = seconds[BASELINE] - bare
    return {
        name: Start((taken - bare) / unit, (taken - bare) * _MILLISECONDS, _budget(name))
        for name, taken in seconds.items()
    }


def _budget(name: str) -> float | None:
    return None if name in {BASELINE, WITH_OMISE} else _BUDGETS.get(name, _BUDGET)
