"""The command line: checked before anything is sent."""

from __future__ import annotations

import pytest

from operator_cli.arguments import parser
from operator_cli.commands import COMMANDS

USER = "usr_00000000000000000000000001"
PURCHASE = "pur_00000000000000000000000001"
ADJUSTMENT = "adj_00000000000000000000000001"
ADJUST = ("adjust", USER, "50", "--reason", "our fault")
REFUND = ("refund", PURCHASE, "--reason", "twice")


@pytest.mark.parametrize(
    "line",
    [
        ("adjust", "somebody", "50", "--reason", "x"),
        ("adjust", USER, "0", "--reason", "x"),
        ("adjust", USER, "1.5", "--reason", "x"),
        ("adjust", USER, str(10**12 + 1), "--reason", "x"),
        ("adjust", USER, str(-(10**12) - 1), "--reason", "x"),
        ("adjust", USER, "50"),
        ("adjust", USER, "50", "--reason", "  "),
        ("adjust", USER, "50", "--reason", "x" * 201),
        (*ADJUST, "--id", "req_00000000000000000000000001"),
        REFUND,
        (*REFUND, "--all", "--amount", "5"),
        (*REFUND, "--amount", "0"),
        ("replay", "everything", "--reason", "x"),
        ("audit", "--reason", "x", "--wait", "nan"),
        ("audit", "--reason", "x", "--wait", "-1"),
        ("show-ledger", USER, "--limit", "101"),
        ("answer-dispute", PURCHASE, "--message", ""),
        ("approve", USER),
        ("--stage", "production", *ADJUST),
        (),
    ],
)
def test_what_makes_no_sense_is_refused_with_2(line: tuple[str, ...]) -> None:
    """Given a line that cannot be meant, nothing is asked of anybody."""
    with pytest.raises(SystemExit) as end:
        parser().parse_args(line)
    assert end.value.code == 2


@pytest.mark.parametrize(("text", "credits"), [("50", 50), ("-50", -50), (str(10**12), 10**12)])
def test_credits_are_signed(text: str, credits: int) -> None:
    """Given a negative number, it is no option."""
    given = parser().parse_args(["adjust", USER, text, "--reason", " why "])
    assert (given.credits, given.reason) == (credits, "why")


def test_an_amount_is_satang_or_all() -> None:
    """Given either, the order says so."""
    assert parser().parse_args([*REFUND, "--all"]).amount == "all"
    assert parser().parse_args([*REFUND, "--amount", "4490"]).amount == 4490


def test_options_stand_before_or_after_the_command() -> None:
    """Given either place, they count; and defaults never win over what was said."""
    for line in (
        ("--stage", "prod", "--json", "--yes", *ADJUST),
        (*ADJUST, "--stage", "prod", "--json", "--yes"),
    ):
        given = parser().parse_args(line)
        assert (given.stage, given.json, given.yes) == ("prod", True, True)
    assert parser().parse_args(ADJUST).stage == "local"


def test_every_command_is_carried_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Given the help, it lists exactly the commands that there are."""
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    listed = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert set(COMMANDS) <= listed
    for name in COMMANDS:
        with pytest.raises(SystemExit) as end:
            parser().parse_args([name, "--help"])
        assert end.value.code == 0
