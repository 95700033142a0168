"""Attacks on identity, carried out on the deployed stack."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from identity.adapters.items import address_key
from local.stack_file import StackFile
from tests.e2e.forgery import Forger
from tests.e2e.operator import Operator
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
AT_ONCE = 16
FREE_FAILURES = 5
ADDRESS_FAILURES_LIMIT = 10_000
OWN = {"correlation_id", "x-correlation-id", "x-amz-request-id", "x-amzn-requestid", "date"}

Json = dict[str, Any]


def post(stack: StackFile, path: str, body: Json) -> requests.Response:
    """Send what a client might, without its retries."""
    return requests.post(f"{stack.api_url}/v1/auth/{path}", json=body, timeout=60)


def me(stack: StackFile, token: str) -> requests.Response:
    """Ask who one is."""
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{stack.api_url}/v1/me", headers=headers, timeout=60)


def logged_in(user: Session) -> Json:
    """Open a session of one's own."""
    credentials = {"email": user.email, "password": user.password}
    return dict(post(user.stack, "login", credentials).json())


def refreshed(stack: StackFile, refresh_token: str) -> requests.Response:
    """Spend a refresh token."""
    return post(stack, "refresh", {"refresh_token": refresh_token})


@pytest.fixture
def forger(user: Session) -> Forger:
    """Get hold of a valid token."""
    url = f"{user.stack.api_url}/v1/.well-known/jwks.json"
    jwks = requests.get(url, timeout=30).json()
    return Forger(logged_in(user)["access_token"], jwks, Operator(user.stack))


def test_a01_no_forged_token_gets_in(user: Session, forger: Forger) -> None:
    """A01: each attack gets the same 401 as no token at all; the tools do make valid tokens."""
    genuine = me(user.stack, forger.truly_signed({}, {"jti": "jti_of_the_test"}))
    assert (genuine.status_code, genuine.json()["id"]) == (200, user.user_id)

    for attack, token in forger.attacks().items():
        answer = me(user.stack, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), attack
        assert answer.headers["WWW-Authenticate"] == "Bearer", attack


def test_a02_refreshing_at_once_gives_one_successor(user: Session) -> None:
    """A02: sixteen times the same refresh token at once: every answer holds the same new one."""
    tokens = logged_in(user)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(
            pool.map(lambda _: refreshed(user.stack, tokens["refresh_token"]), range(AT_ONCE))
        )
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    assert successor != tokens["refresh_token"]
    assert refreshed(user.stack, successor).status_code == 200


def test_a02_reuse_of_a_spent_token_ends_the_family(user: Session) -> None:
    """A02: a token that is used once more after its successor was: nobody's tokens work on."""
    first = logged_in(user)["refresh_token"]
    second = refreshed(user.stack, first).json()["refresh_token"]
    third = refreshed(user.stack, second).json()["refresh_token"]

    for token in (first, third, second):
        answer = refreshed(user.stack, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_refresh_token")
    assert logged_in(user)["access_token"]


def test_a03_unknown_and_wrong_look_the_same(user: Session) -> None:
    """A03: status, headers and body differ in nothing that tells whether an account is there."""
    wrong = post(user.stack, "login", {"email": user.email, "password": "not the passphrase"})
    unknown = post(
        user.stack,
        "login",
        {"email": f"nobody-{secrets.token_hex(8)}@example.com", "password": "not the passphrase"},
    )
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert _comparable(wrong.json()) == _comparable(unknown.json())
    assert _comparable(dict(wrong.headers)) == _comparable(dict(unknown.headers))


def test_a05_the_right_password_works_once_the_delay_is_over(user: Session) -> None:
    """A05: failures bring a delay for this account, which ends; open sessions go on meanwhile."""
    session = logged_in(user)
    wrong = {"email": user.email, "password": "not the passphrase"}
    answers = [post(user.stack, "login", wrong) for _ in range(FREE_FAILURES + 1)]
    assert [answer.status_code for answer in answers] == [401] * FREE_FAILURES + [429]

    assert refreshed(user.stack, session["refresh_token"]).status_code == 200
    assert me(user.stack, session["access_token"]).status_code == 200

    time.sleep(int(answers[-1].headers["Retry-After"]) + 1)
    assert logged_in(user)["access_token"]
    assert post(user.stack, "login", wrong).status_code == 401  # it counts anew


def test_a05_a_hundred_attempts_at_once_get_few_guesses(user: Session) -> None:
    """A05: sending all guesses in one moment does not get more of them checked."""
    wrong = {"email": user.email, "password": "not the passphrase"}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: post(user.stack, "login", wrong), range(100)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {401, 429}
    assert statuses[401] <= FREE_FAILURES


def test_a05_an_address_that_fails_too_often_must_wait(user: Session) -> None:
    """A05: a client address at its limit is refused, also for an account that nobody attacked."""
    operator = Operator(user.stack)
    table = user.stack.table_names["identity"]
    dynamodb = operator.client("dynamodb")
    wrong = {"email": user.email, "password": "not the passphrase"}
    assert post(user.stack, "login", wrong).status_code == 401
    (item,) = [
        item
        for item in dynamodb.scan(TableName=table)["Items"]
        if item["pk"]["S"].startswith("ADDRESS#")
    ]
    key = {name: item[name] for name in ("pk", "sk")}
    assert key in [address_key(address) for address in ("127.0.0.1", "unknown")]
    limit = {**item, "failures": {"N": str(ADDRESS_FAILURES_LIMIT)}}
    dynamodb.put_item(TableName=table, Item=limit)
    try:
        answer = post(user.stack, "login", {"email": user.email, "password": user.password})
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
        assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    finally:
        dynamodb.delete_item(TableName=table, Key=key)
    assert logged_in(user)["access_token"]


def test_a06_one_address_in_many_spellings_at_once_is_one_account(stack: StackFile) -> None:
    """A06: sixteen registrations of one address at once: one succeeds, and logs in by any."""
    name = f"ploy.{secrets.token_hex(6)}"
    password = secrets.token_urlsafe(24)
    spellings = [
        f"{' ' * (number % 3)}{_spelt(name, number)}@{_spelt('example.com', number // 2)}"
        for number in range(AT_ONCE)
    ]
    assert len(set(spellings)) == AT_ONCE
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(
            pool.map(
                lambda email: post(stack, "register", {"email": email, "password": password}),
                spellings,
            )
        )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: AT_ONCE - 1}
    for spelling in spellings[:3]:
        answer = post(stack, "login", {"email": spelling, "password": password})
        assert answer.status_code == 200


def _spelt(text: str, number: int) -> str:
    """Write some letters in capitals: other ones for every number below 16."""
    bits = [bool(number >> position & 1) for position in range(4)]
    return "".join(c.upper() if bits[i % 4] else c for i, c in enumerate(text))


def _comparable(members: Json) -> Json:
    """Leave out what is different in any two answers: their ids and times."""
    return {name: value for name, value in members.items() if name.lower() not in OWN}
