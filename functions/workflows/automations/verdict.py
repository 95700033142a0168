"""How an automation refuses for good."""

from __future__ import annotations

import json


class AutomationFailed(Exception):  # noqa: N818  # the state machine and operators know this name
    """The automation's own verdict that it cannot do this: not tried again, credits given back.

    The message is JSON, because Step Functions hands on nothing else of an error.

    Parameters
    ----------
    code
        A stable word for programs: `[a-z][a-z0-9_]{0,63}`.
    message
        One sentence for the user.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(json.dumps({"code": code, "message": message}))
        self.code = code
        self.message = message
