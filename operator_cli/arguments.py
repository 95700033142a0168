"""What can be said on the command line, checked before anything is sent."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from billing.domain.amounts import MAX_CREDITS
from kernel.ids import is_id
from kernel.operators.log import MAX_REASON_LENGTH

STAGES: Final = ("local", "dev", "staging", "prod")
MAX_MESSAGE_LENGTH: Final = 2_000
_WAIT_SECONDS: Final = 900
_MAX_WAIT_SECONDS: Final = 12 * 60 * 60  # no saga takes longer
_MAX_LIMIT: Final = 100


def parser() -> argparse.ArgumentParser:
    """Make the parser."""
    main = argparse.ArgumentParser(
        prog="python -m operator_cli",
        description="Operate a deployed stack; everything is recorded under your AWS identity.",
        epilog="Exit codes: 0 done, 1 refused or needs a person, 2 wrong usage, 3 try again.",
    )
    _common(main, is_outermost=True)
    common = argparse.ArgumentParser(add_help=False)
    _common(common, is_outermost=False)
    commands = main.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[common])

    _looks(command)
    _adjustments(command)
    _payments(command)
    _runs(command)
    return main


def _common(to: argparse.ArgumentParser, *, is_outermost: bool) -> None:
    """Let the same options stand before and after the command; the outermost has the defaults."""

    def default(value: object) -> object:
        return value if is_outermost else argparse.SUPPRESS

    to.add_argument("--stage", choices=STAGES, default=default("local"))
    to.add_argument("--stack-name", default=default(None), help="if not CreditEngine-<stage>")
    to.add_argument("--region", default=default(None), help="if not AWS_REGION's")
    to.add_argument("--endpoint-url", default=default(None), help="where AWS is played")
    to.add_argument("--stack-file", type=Path, default=default(None), help="of a local stack")
    flags = {"--json": "print JSON", "--yes": "do not ask whether it is really meant"}
    for name, text in flags.items():
        to.add_argument(name, action="store_true", default=default(value=False), help=text)


Add = Callable[[str, str], argparse.ArgumentParser]


def _looks(command: Add) -> None:
    find = command("find-user", "find a user by e-mail address, asked for if it is not given")
    find.add_argument("--email")
    for name in ("show-user", "show-account", "show-purchases", "show-ledger"):
        one = command(name, f"{name.replace('-', ' ')} of a user")
        one.add_argument("user_id", type=_id("usr"))
        if name == "show-ledger":
            one.add_argument("--before", type=_number(1, MAX_CREDITS), help="an entry number")
            one.add_argument("--limit", type=_number(1, _MAX_LIMIT), default=20)
    purchase = command("show-purchase", "show a purchase, its dispute and its refunds")
    purchase.add_argument("purchase_id", type=_id("pur"))
    log = command("log", "show what operators did in a month")
    log.add_argument("service", choices=("billing", "identity", "workflows"))
    log.add_argument("--month", help="YYYY-MM, in UTC")
    log.add_argument("--before", help="where the page before ended")
    log.add_argument("--limit", type=_number(1, _MAX_LIMIT), default=_MAX_LIMIT)


def _adjustments(command: Add) -> None:
    adjust = command("adjust", "give or take credits by hand")
    adjust.add_argument("user_id", type=_id("usr"))
    adjust.add_argument("credits", type=_credits, help="negative ones are taken")
    adjust.add_argument("--four-eyes", action="store_true", help="have a second operator approve")
    _reasoned(adjust)
    _identified(adjust, "adj")
    show = command("show-adjustment", "show an adjustment")
    approve = command("approve", "let another operator's adjustment take effect")
    reject = command("reject", "decide that an adjustment does not take effect")
    for one in (show, approve, reject):
        one.add_argument("adjustment_id", type=_id("adj"))
    _reasoned(reject)


def _payments(command: Add) -> None:
    refund = command("refund", "give a payment back and take its credits")
    refund.add_argument("purchase_id", type=_id("pur"))
    how_much = refund.add_mutually_exclusive_group(required=True)
    how_much.add_argument("--amount", type=_number(1, 10**12), help="in satang")
    how_much.add_argument("--all", dest="amount", action="store_const", const="all")
    refund.add_argument("--force", action="store_true", help="let spent credits become debt")
    _reasoned(refund)
    _identified(refund, "req")
    _waiting(refund)
    show = command("show-dispute", "show a dispute as Omise keeps it")
    answer = command("answer-dispute", "tell the payer's bank our side")
    accept = command("accept-dispute", "let the payer have the money")
    for one in (show, answer, accept):
        one.add_argument("purchase_id", type=_id("pur"))
    answer.add_argument("--message", type=_text(MAX_MESSAGE_LENGTH), required=True)
    _reasoned(accept)


def _runs(command: Add) -> None:
    replay = command("replay", "start what was stored and never began; clear the dead letters")
    replay.add_argument("what", choices=("purchases", "runs"))
    reconcile = command("reconcile", "compare Omise's charges with the purchases, now")
    audit = command("audit", "verify every ledger, now")
    for one in (replay, reconcile, audit):
        _reasoned(one)
        _identified(one, "req")
        _waiting(one)


def _reasoned(to: argparse.ArgumentParser) -> None:
    to.add_argument("--reason", type=_text(MAX_REASON_LENGTH), required=True)


def _identified(to: argparse.ArgumentParser, prefix: str) -> None:
    text = "the id of an earlier attempt, so that it happens once"
    to.add_argument("--id", type=_id(prefix), help=text)


def _waiting(to: argparse.ArgumentParser) -> None:
    text = "seconds to wait for its end"
    to.add_argument("--wait", type=_number(0, _MAX_WAIT_SECONDS), default=_WAIT_SECONDS, help=text)


def _id(prefix: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not is_id(prefix, text):
            raise argparse.ArgumentTypeError(f"{text!r} is not an id that begins with {prefix}_")
        return text

    return read


def _credits(text: str) -> int:
    number = _number(-MAX_CREDITS, MAX_CREDITS)(text)
    if not number:
        raise argparse.ArgumentTypeError("credits must not be 0")
    return number


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal()) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not an integer from {low} to {high}")
        return int(text)

    return read


def _text(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        stripped = text.strip()
        if not 1 <= len(stripped) <= longest:
            raise argparse.ArgumentTypeError(f"must have 1 to {longest} characters")
        return stripped

    return read
