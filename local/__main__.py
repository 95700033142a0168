"""`python -m local run | stop | reset | status | demo | reconcile`."""

import argparse
import os
import sys

from local import stack
from local.layout import Layout
from local.reconcile import reconcile
from local.settings import Settings
from local.steps import StackError


def main() -> int:
    """Carry out a command.

    Returns
    -------
    int
        0, or 1 with one message on the standard error.
    """
    arguments = _parser().parse_args()
    try:
        _carry_out(arguments)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("  interrupted", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local", description="The real stack on one machine."
    )
    parser.add_argument("--instance", default="", help="a stack with its own data, by name")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="bring the stack up (PORT, OMISE_URL)")
    run.add_argument("--detach", action="store_true", help="return once it is ready")
    commands.add_parser("stop", help="end the stack, keep its data")
    commands.add_parser("reset", help="end the stack, delete its data")
    commands.add_parser("status", help="tell which processes run")
    commands.add_parser("demo", help="register, buy credits and run a workflow")
    commands.add_parser("reconcile", help="compare Omise's charges with the purchases")
    return parser


def _carry_out(arguments: argparse.Namespace) -> None:
    layout = Layout.of_instance(arguments.instance)
    match arguments.command:
        case "run" if arguments.detach:
            Settings.read(os.environ)  # a bad setting is better told here than in a log
            stack.run_detached(layout)
        case "run":
            stack.run(layout, Settings.read(os.environ))
        case "stop":
            stack.stop(layout)
        case "reset":
            stack.reset(layout)
        case "status":
            stack.status(layout)
        case "reconcile":
            reconcile(layout)
        case "demo":
            _demo(layout)


def _demo(layout: Layout) -> None:
    # Here, since no other command needs the client library, which lives outside this package.
    sys.path.append(str(layout.root / "client"))
    from local.demo import demo  # noqa: PLC0415 - see above

    demo(layout)


if __name__ == "__main__":
    sys.exit(main())
