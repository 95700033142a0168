"""The commands, with services that answer as they are told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

import operator_cli.__main__ as program
from operator_cli.arguments import parser
from operator_cli.commands import BILLING, COMMANDS, IDENTITY
from operator_cli.errors import CommandError, Exit
from operator_cli.invocation import Services, _result
from operator_cli.printing import text_of
from operator_cli.target import Target
from operator_cli.terminal import Operator, WentWrongError

Json = dict[str, Any]
USER = "usr_00000000000000000000000001"
PURCHASE = "pur_00000000000000000000000001"
ADJUSTMENT = "adj_00000000000000000000000001"
REQUEST = "req_00000000000000000000000001"


@dataclass
class FakeServices:
    """Answers in order, and remembers what it was asked."""

    answers: list[Json] = field(default_factory=list)
    asked: list[tuple[str, str, Json]] = field(default_factory=list)

    def ask(self, service: str, operation: str, parameters: Json) -> Json:
        """Answer."""
        self.asked.append((service, operation, parameters))
        return self.answers.pop(0) if self.answers else {}


@dataclass
class Terminal:
    """An operator at a terminal; `agrees` says what is answered to questions."""

    services: FakeServices
    agrees: bool = True
    questions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def confirm(self, what: str) -> None:
        """Answer a question."""
        self.questions.append(what)
        if not self.agrees:
            raise CommandError("not confirmed, nothing was done")

    def carry_out(self, *line: str) -> Json:
        """Carry out a command line."""
        operator = Operator(
            cast("Target", None),
            cast("Services", self.services),
            self.confirm,
            self.notes.append,
            self.waits.append,
        )
        given = parser().parse_args(line)
        return COMMANDS[given.command](operator, given)


def terminal(*answers: Json, agrees: bool = True) -> Terminal:
    """Sit down at a terminal."""
    return Terminal(FakeServices(list(answers)), agrees)


def test_an_adjustment_is_for_a_user_that_exists_and_was_confirmed() -> None:
    """Given 50 credits, the user is looked up first, and the question says all of it."""
    operator = terminal({"id": USER}, {"state": "applied"})
    operator.carry_out("adjust", USER, "-50", "--reason", "our fault", "--id", ADJUSTMENT)
    assert operator.questions == [f"take 50 credits from {USER}: our fault"]
    assert operator.services.asked == [
        (IDENTITY, "show_user", {"user_id": USER}),
        (
            BILLING,
            "adjust",
            {
                "adjustment_id": ADJUSTMENT,
                "user_id": USER,
                "credits": -50,
                "reason": "our fault",
                "four_eyes": False,
            },
        ),
    ]


@pytest.mark.parametrize(
    "line",
    [
        ("adjust", USER, "50", "--reason", "x"),
        ("reject", ADJUSTMENT, "--reason", "x"),
        ("refund", PURCHASE, "--all", "--reason", "x"),
        ("accept-dispute", PURCHASE, "--reason", "x"),
        ("answer-dispute", PURCHASE, "--message", "x"),
        ("replay", "runs", "--reason", "x"),
    ],
)
def test_without_a_yes_nothing_is_changed(line: tuple[str, ...]) -> None:
    """Given no as the answer, nothing but a look was asked for."""
    operator = terminal({"id": USER}, agrees=False)
    with pytest.raises(CommandError):
        operator.carry_out(*line)
    assert all(operation.startswith("show_") for _, operation, _ in operator.services.asked)


def test_the_id_is_told_before_anything_happens() -> None:
    """Given a service that fails, the operator has the id to try again with."""

    class Down(FakeServices):
        def ask(self, service: str, operation: str, parameters: Json) -> Json:
            super().ask(service, operation, parameters)
            raise CommandError("nobody answers", Exit.TRY_AGAIN)

    operator = Terminal(Down())
    with pytest.raises(CommandError):
        operator.carry_out("audit", "--reason", "x")
    ((_, _, about),) = operator.services.asked
    assert operator.notes == [f"id {about['request_id']}"]


def test_a_refund_is_waited_for() -> None:
    """Given a refund that runs for two looks, the third tells that it was made."""
    done = {"status": "succeeded", "outcome": "captured", "reason": None}
    operator = terminal({}, {"status": "running"}, {"status": "running"}, done)
    told = operator.carry_out("refund", PURCHASE, "--all", "--reason", "x", "--id", REQUEST)
    assert told == {"id": REQUEST, **done}
    assert len(operator.waits) == 2


def test_waiting_has_an_end() -> None:
    """Given a refund that goes on, it is said how to go on waiting."""
    operator = terminal({}, {"status": "running"})
    with pytest.raises(CommandError, match=f"--id {REQUEST}") as end:
        operator.carry_out(
            *("refund", PURCHASE, "--all", "--reason", "x", "--id", REQUEST, "--wait", "0")
        )
    assert end.value.exit_code is Exit.TRY_AGAIN


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (("refund", PURCHASE, "--all"), {"status": "succeeded", "outcome": "refused"}),
        (("refund", PURCHASE, "--all"), {"status": "failed", "outcome": None}),
        (("audit",), {"status": "succeeded", "finding_count": 1}),
        (("audit",), {"status": "failed"}),
        (("reconcile",), {"status": "succeeded", "difference_count": 2, "healed_count": 1}),
        (("replay", "runs"), {"status": "timed_out"}),
    ],
)
def test_what_needs_a_person_is_no_success(line: tuple[str, ...], outcome: Json) -> None:
    """Given an end that is not good, what it was is told, and the program says so."""
    with pytest.raises(WentWrongError) as end:
        terminal({}, outcome).carry_out(*line, "--reason", "x")
    assert end.value.told["status"] == outcome["status"]


def test_an_approval_shows_what_is_approved() -> None:
    """Given a request of a colleague's, the question says what, for whom, by whom and why."""
    found = {"credits": 5000, "user_id": USER, "requested_by": "arn:first", "reason": "why"}
    operator = terminal(found, {"state": "applied"})
    operator.carry_out("approve", ADJUSTMENT)
    (question,) = operator.questions
    assert question == f"approve +5000 credits for {USER}, asked for by arn:first: why"


def test_an_address_may_be_typed_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given no address on the command line, it is asked for, and no history keeps it."""
    monkeypatch.setattr("builtins.input", lambda: " somchai@example.com ")
    operator = terminal({"id": USER})
    operator.carry_out("find-user")
    assert operator.services.asked == [(IDENTITY, "find_user", {"email": "somchai@example.com"})]


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("insufficient_credits", Exit.REFUSED),
        ("caller_unknown", Exit.REFUSED),
        ("account_busy", Exit.TRY_AGAIN),
        ("temporarily_unavailable", Exit.TRY_AGAIN),
        ("internal_error", Exit.TRY_AGAIN),
    ],
)
def test_a_problem_is_an_exit_code(code: str, exit_code: Exit) -> None:
    """Given a refusal, it is one; given something that may pass, trying again is right."""
    with pytest.raises(CommandError, match=code) as end:
        _result({"problem": {"code": code, "detail": "So it is."}})
    assert end.value.exit_code is exit_code


def test_every_finding_is_told() -> None:
    """Given a request that is not valid, the message says where."""
    errors = [{"pointer": "/credits", "code": "x", "message": "must not be 0"}]
    problem = {"code": "validation_failed", "detail": "1 field is not valid.", "errors": errors}
    with pytest.raises(CommandError, match="credits must not be 0"):
        _result({"problem": problem})


def test_without_a_stack_the_program_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given no running local stack, the exit code is 2 and the message names the file."""
    file = tmp_path / "stack.json"
    assert program.main(["show-account", USER, "--stack-file", str(file)]) == Exit.USAGE
    assert "stack.json" in capsys.readouterr().err


def test_nobody_to_ask_means_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given no terminal and no --yes, nothing is done."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(CommandError, match="--yes"):
        program._confirmation(yes=False)("refund it")
    program._confirmation(yes=True)("refund it")


def test_documents_are_for_people_or_for_programs() -> None:
    """Given a document, lines have one name each, and JSON has all of it."""
    document = {"balance": 5, "debt": None, "grants": [{"id": "grt_1", "expires_at": None}]}
    assert text_of(document, as_json=False).splitlines() == [
        "balance  5",
        "debt     -",
        "grants   1",
        "  id=grt_1",
    ]
    assert '"expires_at": null' in text_of(document, as_json=True)
