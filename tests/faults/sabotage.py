"""Faults between a step and its calls: refused or killed, before or after a call's effect."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from kernel.aws.json_api import AwsRefusedError

Call = Callable[..., Any]


class KilledError(BaseException):
    """The function's process is gone; nothing in it can catch this."""


class Sabotage:
    """Strikes the n-th call while it is armed.

    Parameters
    ----------
    call_no
        Which call, from 1.
    is_after
        Whether the call has its effect first.
    reaches
        Which calls count: `dynamodb`, `omise`.
    kills
        Whether the function dies, or DynamoDB refuses.
    """

    def __init__(
        self, call_no: int = 0, *, is_after: bool = False, reaches: str = "", kills: bool = False
    ) -> None:
        self._left = call_no
        self._is_after = is_after
        self._reaches = reaches
        self._kills = kills
        self._counting = threading.Lock()
        self.is_armed = False
        self.has_struck = False

    def call(self, service: str, name: str, call: Call) -> Any:  # noqa: ANN401  # its result
        """Make a call, unless it is the one to strike."""
        if not (self.is_armed and service in self._reaches):
            return call()
        with self._counting:  # a step reads two things at once
            self._left -= 1
            strikes = self._left == 0
        if not strikes:
            return call()
        self.has_struck = True
        if self._is_after:
            call()
        if self._kills:
            raise KilledError
        raise AwsRefusedError("InternalServerError", {"message": f"made up at {name}"}, 500)
