"""`python -m operator_cli`: the program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
# What is asked for is hashed, and ids are made, by the services' own kernel.
sys.path[:0] = [str(ROOT / "functions"), str(ROOT / "layers/shared/python")]

from operator_cli.arguments import parser  # noqa: E402  # after the path
from operator_cli.commands import COMMANDS  # noqa: E402  # after the path
from operator_cli.errors import CommandError, Exit  # noqa: E402  # after the path
from operator_cli.invocation import Services  # noqa: E402  # after the path
from operator_cli.printing import text_of  # noqa: E402  # after the path
from operator_cli.target import find_target  # noqa: E402  # after the path
from operator_cli.terminal import Operator, WentWrongError  # noqa: E402  # after the path


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command.

    Parameters
    ----------
    arguments
        The command line, without the program's name.

    Returns
    -------
    int
        The exit code.
    """
    given = parser().parse_args(arguments)
    try:
        target = find_target(
            given.stage,
            stack_name=given.stack_name,
            region=given.region,
            endpoint_url=given.endpoint_url,
            stack_file=given.stack_file,
        )
        operator = Operator(target, Services(target), _confirmation(yes=given.yes), _note)
        print(text_of(COMMANDS[given.command](operator, given), as_json=given.json))
    except WentWrongError as wrong:
        print(text_of(wrong.told, as_json=given.json))
        return Exit.REFUSED
    except CommandError as error:
        _note(f"error: {error}")
        return error.exit_code
    except (EOFError, KeyboardInterrupt):
        _note("interrupted")
        return Exit.REFUSED
    return Exit.DONE


def _confirmation(*, yes: bool) -> Callable[[str], None]:
    """Make what asks whether something is really meant."""

    def confirm(what: str) -> None:
        _note(what)
        if yes:
            return
        if not sys.stdin.isatty():
            raise CommandError("no terminal to confirm on: pass --yes", Exit.USAGE)
        if input("Type yes to go on: ").strip() != "yes":
            raise CommandError("not confirmed, nothing was done")

    return confirm


def _note(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
