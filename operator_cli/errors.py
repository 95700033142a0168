"""How a command can end, and with which exit code."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes, for scripts."""

    DONE = 0
    REFUSED = 1  # refused, or something is wrong that needs a person
    USAGE = 2  # argparse's own
    TRY_AGAIN = 3  # nobody answered: the same command with the same --id is safe


class CommandError(Exception):
    """A command that does not come to a good end.

    Parameters
    ----------
    message
        What to tell.
    exit_code
        How the program ends.
    """

    def __init__(self, message: str, exit_code: Exit = Exit.REFUSED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
