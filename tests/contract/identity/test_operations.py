"""What operators can ask of identity; the address that they look for is nowhere afterwards."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from kernel.ids import new_id

Json = dict[str, Any]
Call = Callable[..., Json]
EVENTS = Path("events/identity_operations")
CONTEXT = SimpleNamespace(
    function_name="operations",
    invoked_function_arn="arn:aws:lambda:ap-southeast-1:123456789012:function:operations",
)


def identify(_proof: str, _asked: str, _account_id: str, _now: datetime) -> str:
    """Know everybody as the one operator."""
    return "arn:operator"


@pytest.fixture
def operations(table: str) -> ModuleType:
    """Return the function's module, as a cold start loads it."""
    assert table
    return importlib.reload(importlib.import_module("identity.operations.handler"))


@pytest.fixture
def ask(operations: ModuleType) -> Call:
    """Return a function that asks the function."""
    operations.handler._identify = identify

    def send(operation: str, **parameters: object) -> Json:
        event = {
            "operation": operation,
            "parameters": parameters,
            "proof": "a proof",
            "correlation_id": new_id("cor"),
        }
        answer: Json = operations.handler(event, CONTEXT)
        return answer

    return send


def test_a_user_is_found_by_address_in_any_spelling(ask: Call, call: Call) -> None:
    """Given a registered address, its user is found whatever the case, and by id."""
    user = call("identity_register/register")["json"]
    for spelling in (user["email"], user["email"].upper(), f"  {user['email']} "):
        assert ask("find_user", email=spelling) == {"result": user}
    assert ask("show_user", user_id=user["id"]) == {"result": user}


@pytest.mark.parametrize("email", ["nobody@example.com", "no address at all"])
def test_who_is_not_there_is_not_found(ask: Call, email: str) -> None:
    """Given an address without an account, or none, it is told."""
    assert ask("find_user", email=email)["problem"]["code"] == "user_not_found"


@pytest.mark.parametrize("user_id", ["usr_00000000000000000000000009", "anything", ""])
def test_an_unknown_id_is_told(ask: Call, user_id: str) -> None:
    """Given no user's id."""
    assert ask("show_user", user_id=user_id)["problem"]["code"] == "user_not_found"


def test_no_address_is_logged_or_recorded(
    ask: Call, call: Call, items: Callable[[], list[Json]], caplog: pytest.LogCaptureFixture
) -> None:
    """Given a find and a miss, log and records know the user's id, and no address."""
    user = call("identity_register/register")["json"]
    caplog.clear()
    ask("find_user", email=user["email"])
    ask("find_user", email="nobody@example.com")
    records = [item for item in items() if item["pk"].startswith("OPERATOR_LOG#")]
    assert {(one["subject"], one["outcome"]) for one in records} == {
        (user["id"], "shown"),
        (None, "user_not_found"),
    }
    written = json.dumps(records) + "".join(str(vars(record)) for record in caplog.records)
    assert "example.com" not in written


def test_every_operation_has_an_event_and_is_described(operations: ModuleType) -> None:
    """Given the wiring, the events and the module's table name the same operations."""
    wired = operations.handler._operations
    assert set(wired) == {path.stem for path in EVENTS.glob("*.json")}
    assert all(f"`{name}`" in (operations.__doc__ or "") for name in wired)
