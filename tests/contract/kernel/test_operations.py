"""Operators are known, and whatever they ask for is on record before they get it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from kernel.dynamodb import ConditionFailedError
from kernel.errors import OperationRefusedError, TemporarilyUnavailableError
from kernel.operators.caller_identity import CallerUnknownError
from kernel.operators.log import OperatorLog, OperatorRecord
from kernel.operators.operations import Act, Call, Desk, Look, Seen, look_at_log, request_hash

Json = dict[str, Any]
OPERATOR = "arn:aws:sts::123456789012:assumed-role/Operator/somchai"
USER = "usr_00000000000000000000000001"


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function."""

    function_name: str = "operations"
    invoked_function_arn: str = "arn:aws:lambda:ap-southeast-1:123456789012:function:operations"


class RefusedError(OperationRefusedError):
    """A rule that does not hold."""

    code = "not_like_this"


def show(call: Call) -> Seen:
    """Show the user that is asked for."""
    return Seen(call.parameters["user_id"], {"balance": 5})


def refuse(_call: Call) -> Json:
    """Refuse."""
    raise RefusedError("Not like this.")


def break_down(_call: Call) -> Json:
    """Fail as a defect does."""
    raise KeyError("secret-value")


def identify(proof: str, asked: str, account_id: str, _now: datetime) -> str:
    """Know the one operator, by a proof for exactly what is asked."""
    if (proof, account_id) != (asked, "123456789012"):
        raise CallerUnknownError("not theirs")
    return OPERATOR


@pytest.fixture
def log(table: str) -> OperatorLog:
    """Keep the log in a table."""
    return OperatorLog(table)


@pytest.fixture
def desk(log: OperatorLog) -> Desk:
    """Make a desk with an operation of each kind."""
    operations: dict[str, Look | Act] = {
        "show": Look(show),
        "refuse": Act(refuse),
        "break": Act(break_down),
        "show_log": look_at_log(log),
    }
    return Desk(operations, log, identify)


def event(operation: str, parameters: Json | None = None, /, **changes: Any) -> Json:  # noqa: ANN401
    """Make an event with a proof that fits."""
    given = parameters or {"user_id": USER}
    return {
        "operation": operation,
        "parameters": given,
        "proof": request_hash("operations", operation, given),
        "correlation_id": f"cor-{operation}",
        **changes,
    }


def records(log: OperatorLog) -> list[OperatorRecord]:
    """Read all records of this month."""
    month = datetime.now().astimezone().strftime("%Y-%m")
    return list(log.month(month, None, 100).records)


def test_a_look_is_recorded_with_who_and_whom(desk: Desk, log: OperatorLog) -> None:
    """Given a look, its result comes, and who looked at whom is on record."""
    assert desk(event("show"), Context()) == {"result": {"balance": 5}}
    (record,) = records(log)
    assert (record.operator, record.operation, record.subject, record.outcome) == (
        OPERATOR,
        "show",
        USER,
        "shown",
    )


def test_what_cannot_be_recorded_is_not_shown(
    desk: Desk, log: OperatorLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a table that does not take the record, nothing is handed out."""

    def fail(_record: OperatorRecord) -> None:
        raise TemporarilyUnavailableError("The service is busy.")

    monkeypatch.setattr(log, "append", fail)
    answer = desk(event("show"), Context())
    assert answer["problem"]["code"] == "temporarily_unavailable"
    assert "result" not in answer


def test_a_refusal_is_recorded_by_its_code(desk: Desk, log: OperatorLog) -> None:
    """Given a rule that does not hold, the answer says so and the record too."""
    answer = desk(event("refuse"), Context())
    assert answer == {"problem": {"code": "not_like_this", "detail": "Not like this."}}
    assert [(one.operation, one.outcome, one.subject) for one in records(log)] == [
        ("refuse", "not_like_this", USER)
    ]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"proof": "anything"}, id="no proof"),
        pytest.param({"parameters": {"user_id": "usr_2"}}, id="a proof for other parameters"),
        pytest.param({"operation": "refuse"}, id="a proof for another operation"),
    ],
)
def test_nobody_gets_nothing(
    desk: Desk, log: OperatorLog, changes: Json, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a proof that does not fit, it is a security event, and nothing happens."""
    answer = desk(event("show", **changes), Context())
    assert answer["problem"]["code"] == "caller_unknown"
    assert records(log) == []
    assert "OperatorRefused" in caplog.messages


def test_a_proof_for_one_function_is_none_for_another(desk: Desk) -> None:
    """Given the proof for staging's function, production's refuses it."""
    answer = desk(event("show"), Context(function_name="operations-of-prod"))
    assert answer["problem"]["code"] == "caller_unknown"


def test_a_defect_tells_nothing(desk: Desk) -> None:
    """Given an error that nobody expected, its text stays in the log."""
    answer = desk(event("break"), Context())
    assert answer["problem"]["code"] == "internal_error"
    assert "secret" not in json.dumps(answer)


@pytest.mark.parametrize("wrong", [{}, {"operation": 1}, {**event("show"), "more": 1}])
def test_what_is_no_event_is_refused(desk: Desk, wrong: Json) -> None:
    """Given something else, every finding is told."""
    assert desk(wrong, Context())["problem"]["code"] == "validation_failed"


def test_an_operation_that_is_not_there_is_refused(desk: Desk) -> None:
    """Given a name that nobody knows."""
    assert desk(event("erase"), Context())["problem"]["code"] == "operation_unknown"


def test_the_log_is_read_page_by_page_newest_first(desk: Desk, log: OperatorLog) -> None:
    """Given five looks, pages of two show each of them once, and reading is recorded as well."""
    for number in range(5):
        desk(event("show", correlation_id=f"cor-{number}"), Context())
    month = datetime.now().astimezone().strftime("%Y-%m")
    seen: list[str] = []
    before: str | None = None
    for number in range(3):
        about = {"month": month, "limit": 2, **({"before": before} if before else {})}
        page = desk(event("show_log", about, correlation_id=f"log-{number}"), Context())["result"]
        seen += [one["id"] for one in page["records"] if one["operation"] == "show"]
        before = page["before"]
    assert len(set(seen)) == 5
    assert len(records(log)) == 8


@pytest.mark.parametrize(
    "month", ["2026", "2026-13-01", "2026-13", "2026-00", "20260-1", "1234567", "OPERATOR"]
)
def test_a_month_is_a_month(desk: Desk, month: str) -> None:
    """Given anything else, no key is made of it."""
    answer = desk(event("show_log", {"month": month}), Context())
    assert answer["problem"]["code"] == "validation_failed"
    assert [error["pointer"] for error in answer["problem"]["errors"]] == ["/month"]


@pytest.mark.parametrize("limit", [0, 101, "10", True])
def test_a_page_of_the_log_has_a_bound(desk: Desk, limit: object) -> None:
    """And the error says that it is about the limit."""
    answer = desk(event("show_log", {"month": "2026-03", "limit": limit}), Context())
    assert [error["pointer"] for error in answer["problem"]["errors"]] == ["/limit"]


def test_a_record_is_never_replaced(log: OperatorLog) -> None:
    """Given a record with the time and id of another, the first one stays."""
    at = datetime.fromisoformat("2026-03-01T00:00:00.123456+00:00")
    first = OperatorRecord("rec_1", at, OPERATOR, "adjust", USER, "applied")
    other = OperatorRecord("rec_1", at, "somebody else", "adjust", USER, "applied")
    for _ in range(2):  # the answer to the first may have got lost
        log.append(first)
    log.append_once(other)
    with pytest.raises(ConditionFailedError):
        log.append(other)
    (stored,) = log.month("2026-03", None, 10).records
    assert stored.document() == first.document()
