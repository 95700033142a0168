"""`POST /v1/auth/register` on its table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from identity.adapters import user_store
from identity.adapters.user_store import UserStore
from identity.domain.email_address import parse
from identity.domain.users import EmailTakenError, NewAccount, User
from kernel.dynamodb import Cancellation, Reason, TransactionCancelledError
from kernel.errors import TemporarilyUnavailableError
from kernel.ids import is_id, new_id
from tests.contract.identity.recorded_calls import recorded_calls

Call = Callable[..., dict[str, Any]]
Items = Callable[[], list[dict[str, Any]]]

PASSWORD = "an example passphrase"


def account(email: str = "somchai@example.com") -> NewAccount:
    """Return an account to be stored."""
    user = User(new_id("usr"), email, datetime(2026, 4, 30, tzinfo=UTC))
    return NewAccount(user, parse(email), "hash")


def cancelled(*reasons: Reason) -> TransactionCancelledError:
    """Return what DynamoDB answers for these reasons."""
    return TransactionCancelledError([Cancellation(reason, None) for reason in reasons])


def test_a_new_user_is_made(call: Call) -> None:
    """201, the user, and where to find the account."""
    response = call("identity_register/register")
    assert response["statusCode"] == 201
    assert response["headers"]["Location"] == "/v1/me"
    assert response["headers"]["Cache-Control"] == "no-store"
    assert set(response["json"]) == {"id", "email", "created_at"}
    assert response["json"]["email"] == "somchai@example.com"
    assert is_id("usr", response["json"]["id"])


@pytest.mark.parametrize("email", ["somchai@example.com", " SOMCHAI@Example.com "])
def test_a06_one_address_makes_one_account(call: Call, items: Items, email: str) -> None:
    """A second registration is refused in any spelling, and changes nothing."""
    call("identity_register/register")
    before = items()
    response = call("identity_register/register", body={"email": email, "password": PASSWORD})
    assert (response["statusCode"], response["json"]["code"]) == (409, "email_taken")
    assert items() == before


def test_a04_all_that_is_wrong_is_said_at_once(call: Call, items: Items) -> None:
    """Both fields have a finding, with pointer, code and message, and without the values."""
    response = call("identity_register/register", body={"email": "nobody", "password": "short"})
    assert response["statusCode"] == 422
    findings = [(error["pointer"], error["code"]) for error in response["json"]["errors"]]
    assert findings == [("/email", "email_invalid"), ("/password", "password_too_short")]
    assert items() == []


@pytest.mark.parametrize("extra", [{"role": "admin"}, {"user_id": "usr_x"}, {"balance": 1000}])
def test_p02_unknown_members_are_refused(call: Call, extra: dict[str, object]) -> None:
    """Nobody registers with a role, an id or a balance."""
    body = {"email": "somchai@example.com", "password": PASSWORD, **extra}
    response = call("identity_register/register", body=body)
    assert (response["statusCode"], response["json"]["code"]) == (422, "validation_failed")


def test_d02_the_table_holds_no_password_and_keys_no_address(call: Call, items: Items) -> None:
    """The password is there as Argon2id hash alone, and keys are made of the address' digest."""
    call("identity_register/register")
    stored = items()
    assert PASSWORD not in str(stored)
    assert "somchai" not in str([item["pk"] for item in stored])
    (credential,) = [item for item in stored if "password_hash" in item]
    assert credential["password_hash"].startswith("$argon2id$")


def test_an_account_never_expires(call: Call, items: Items) -> None:
    """Failed logins before the registration leave no `ttl` on the account."""
    call("identity_login/login")
    assert ["ttl" in item for item in items()] == [True, True]
    call("identity_register/register")
    assert not [item for item in items() if "user_id" in item and "ttl" in item]


def test_a06_a_conflict_is_tried_again(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two registrations that meet are not told to come back."""
    store, put = UserStore(table), UserStore._put
    conflicts = [cancelled(Reason.CONFLICT, Reason.NONE), cancelled(Reason.NONE, Reason.THROTTLED)]

    def meets_others(store: UserStore, new: NewAccount) -> None:
        if conflicts:
            raise conflicts.pop()
        put(store, new)

    monkeypatch.setattr(UserStore, "_put", meets_others)
    new = account()
    store.add(new)
    assert store.find(new.user.id) == new.user


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.CONFLICT, TemporarilyUnavailableError),
        (Reason.THROTTLED, TemporarilyUnavailableError),
        (Reason.CONDITION, EmailTakenError),
        (Reason.INVALID, TransactionCancelledError),
    ],
)
def test_a06_every_reason_has_its_answer(
    monkeypatch: pytest.MonkeyPatch, reason: Reason, expected: type[Exception]
) -> None:
    """Taken, busy after bounded attempts, or a defect of ours."""
    attempts: list[NewAccount] = []

    def refuse(_store: UserStore, new: NewAccount) -> None:
        attempts.append(new)
        raise cancelled(reason, Reason.NONE)

    monkeypatch.setattr(UserStore, "_put", refuse)
    with pytest.raises(expected):
        UserStore("Identity").add(account())
    assert len(attempts) <= user_store._ATTEMPTS


def test_registering_is_one_transaction_of_two_small_items(
    call: Call, items: Items, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call and 4 write units (2 per item and KB), even with the longest address there is."""
    longest = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com"
    made = recorded_calls(monkeypatch)
    response = call("identity_register/register", body={"email": longest, "password": PASSWORD})
    assert response["statusCode"] == 201
    assert made == ["TransactWriteItems"]
    assert len(longest) == 254
    assert all(len(str(item)) < 1024 for item in items())
