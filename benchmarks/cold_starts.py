"""What functions import and make before their first request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.interpreters import cpu_seconds

BASELINE: Final = "boto3 and a client"
_BARE: Final = "pass"
_MILLISECONDS: Final = 1_000
_CLIENT: Final = "import boto3; boto3.client('dynamodb')"
_TOKENS: Final = {
    "SIGNING_KEY_IDS": "current",
    "TOKEN_ISSUER": "https://issuer.example.com",
    "TOKEN_AUDIENCE": "credit-engine",
    "ACCESS_TOKEN_SECONDS": "900",
    "REFRESH_TOKEN_SECONDS": "2592000",
    "ADDRESS_FAILURES_LIMIT": "100",
    "ORIGIN_PROOF_SECRET_ARN": "-",
    "IDENTITY_TABLE_NAME": "Identity",
}


@dataclass(frozen=True)
class Function:
    """A function that is measured.

    Parameters
    ----------
    settings
        Its environment.
    uses_dynamodb
        Whether its first request makes the client, which then counts.
    budget
        How much it may cost, as a multiple of the baseline.
    """

    settings: Mapping[str, str]
    uses_dynamodb: bool
    budget: float

    def program(self, name: str) -> str:
        """Write the program that does what Lambda's init does."""
        lines = [
            f"import os; os.environ.update({json.dumps(dict(self.settings))})",
            f"import {name.replace('/', '.')}.handler",
        ]
        if self.uses_dynamodb:
            lines.append("import kernel.dynamodb; kernel.dynamodb.client()")
        return "\n".join(lines)


FUNCTIONS: Final = {
    "identity/login": Function(_TOKENS, uses_dynamodb=True, budget=1.2),
    "identity/authorizer": Function(_TOKENS, uses_dynamodb=False, budget=0.4),
}


@dataclass(frozen=True)
class Start:
    """A cold start over that of a bare interpreter, and what it may be."""

    ratio: float
    milliseconds: float
    budget: float | None


def measured(rounds: int) -> dict[str, Start]:
    """Measure the cold start of every function, the baseline first."""
    programs = {"": _BARE, BASELINE: _CLIENT}
    programs |= {name: function.program(name) for name, function in FUNCTIONS.items()}
    seconds = cpu_seconds(programs, rounds)
    bare = seconds.pop("")
    unit = seconds[BASELINE] - bare
    return {
        name: Start((taken - bare) / unit, (taken - bare) * _MILLISECONDS, _budget(name))
        for name, taken in seconds.items()
    }


def _budget(name: str) -> float | None:
    return FUNCTIONS[name].budget if name in FUNCTIONS else None
