"""The operator at a terminal: asks, is asked, and waits for what takes a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kernel.ids import new_id
from operator_cli.errors import CommandError, Exit
from operator_cli.invocation import Services
from operator_cli.target import Target

Json = dict[str, Any]

_POLL_SECONDS: Final = 1.0


class WentWrongError(Exception):
    """Something came to its end, and a person has to look at it.

    Parameters
    ----------
    told
        What to print.
    """

    def __init__(self, told: Json) -> None:
        super().__init__("a person has to look at it")
        self.told = told


@dataclass(frozen=True)
class Operator:
    """Whoever sits at the terminal.

    Parameters
    ----------
    target
        The stack.
    services
        Whom to ask.
    confirm
        Asks whether something is really meant; raises `CommandError` if not.
    note
        Says something beside the result.
    sleep
        Waits, in seconds.
    """

    target: Target
    services: Services
    confirm: Callable[[str], None]
    note: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep

    def named(self, prefix: str, given: str | None) -> str:
        """Take the id that was given, or make one, and tell it before anything happens."""
        name = given or new_id(prefix)
        self.note(f"id {name}")
        return name

    def awaited(self, service: str, operation: str, request_id: str, seconds: float) -> Json:
        """Ask what became of something until it is over, or for as long as is waited.

        Raises
        ------
        CommandError
            If it is not over by then.
        """
        deadline = time.monotonic() + seconds
        while True:
            outcome = self.services.ask(service, f"{operation}_outcome", {"request_id": request_id})
            if outcome["status"] != "running":
                return {"id": request_id, **outcome}
            if time.monotonic() >= deadline:
                message = f"still running; the same command with --id {request_id} goes on waiting"
                raise CommandError(message, Exit.TRY_AGAIN)
            self.sleep(_POLL_SECONDS)


def good_end(told: Json, *, good: bool) -> Json:
    """Let a good end through.

    Raises
    ------
    WentWrongError
        With what is to be told.
    """
    if not good:
        raise WentWrongError(told)
    return told
