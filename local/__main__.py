"""`python -m local run | stop | reset | status | trace | demo | invoke`."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import Final

from local import stack, trace
from local.invoke import invoke
from local.layout import Layout
from local.settings import Settings
from local.stack_file import StackFile
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
    tracing = commands.add_parser("trace", help="print what happened under one correlation id")
    tracing.add_argument("id", help="what a response's X-Correlation-Id said")
    commands.add_parser("demo", help="register, buy credits and run a workflow")
    invoking = commands.add_parser("invoke", help="run one function on an event, as Lambda does")
    invoking.add_argument("function", help="its logical id, such as BillingWebhook")
    invoking.add_argument("event", help="a file of its folder in events/, without .json, or a path")
    return parser


def _carry_out(arguments: argparse.Namespace) -> None:
    layout = Layout.of_instance(arguments.instance)
    match arguments.command:
        case "run" if arguments.detach:
            Settings.read(os.environ)  # a bad setting is better told here than in a log
            stack.run_detached(layout)
        case "run":
            stack.run(layout, Settings.read(os.environ))
        case "invoke":
            invoke(layout, arguments.function, arguments.event)
        case "trace":
            _trace(layout, arguments.id)
        case command:
            _WITHOUT_ARGUMENTS[command](layout)


def _demo(layout: Layout) -> None:
    # Here, since no other command needs the client library, which lives outside this package.
    sys.path.append(str(layout.root / "client"))
    from local.demo import demo  # noqa: PLC0415 - see above

    demo(layout)


def _trace(layout: Layout, correlation_id: str) -> None:
    if not stack.is_running(layout):
        raise StackError("the stack does not run: `make run` starts it")
    lines = trace.trace(StackFile.read(layout.stack_file), correlation_id)
    if not lines:
        raise StackError(f"nothing happened under {correlation_id}")
    print(*lines, sep="\n")


_WITHOUT_ARGUMENTS: Final[dict[str, Callable[[Layout], None]]] = {
    "demo": _demo,
    "reset": stack.reset,
    "status": stack.status,
    "stop": stack.stop,
}

if __name__ == "__main__":
    sys.exit(main())
