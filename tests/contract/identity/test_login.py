"""`POST /v1/auth/login` on its table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
import jwt
import pytest
from argon2 import PasswordHasher

from identity.adapters.login_store import LoginRecord, LoginStore
from identity.domain.email_address import login_digest
from identity.domain.known_networks import network_digest
from kernel import clock, dynamodb
from kernel.dynamodb import marshal
from tests.contract.identity.recorded_calls import recorded_calls

Call = Callable[..., dict[str, Any]]
Items = Callable[[], list[dict[str, Any]]]

EMAIL = "somchai@example.com"
PASSWORD = "an example passphrase"
WRONG = {"email": EMAIL, "password": "not my passphrase"}
STRANGER = "192.0.2.66"
UNKNOWN = {"email": "nobody@example.com", "password": "not my passphrase"}


@pytest.fixture
def user_id(call: Call) -> str:
    """Register the user that the events log in."""
    return str(call("identity_register/register")["json"]["id"])


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Stop the clock, and return a function that sets it to so much after the start."""
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start)

    def move(by: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + by)

    return move


def attempts(call: Call, count: int, body: dict[str, str]) -> list[tuple[int, str]]:
    """Fail so many times and return statuses and codes."""
    answers = [call("identity_login/login", body=body) for _ in range(count)]
    return [(answer["statusCode"], answer["json"]["code"]) for answer in answers]


def test_the_right_password_opens_a_session(call: Call, user_id: str) -> None:
    """200 and exactly the members of the contract; the token names the user."""
    response = call("identity_login/login")
    assert response["statusCode"] == 200
    tokens = response["json"]
    assert set(tokens) == {
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "refresh_expires_in",
    }
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert tokens["refresh_expires_in"] == 2_592_000
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["sub"] == user_id


@pytest.mark.parametrize("email", [" SOMCHAI@EXAMPLE.COM ", "Somchai@example.com"])
@pytest.mark.usefixtures("user_id")
def test_any_spelling_of_the_address_logs_in(call: Call, email: str) -> None:
    """Case and blanks around do not matter."""
    response = call("identity_login/login", body={"email": email, "password": PASSWORD})
    assert response["statusCode"] == 200


@pytest.mark.usefixtures("user_id")
@pytest.mark.parametrize(
    "body",
    [
        WRONG,
        UNKNOWN,
        {"email": "no address at all", "password": PASSWORD},
        {"email": "", "password": ""},
        {"email": EMAIL, "password": PASSWORD.upper()},
        {"email": EMAIL, "password": "x" * 5000},
    ],
)
def test_a03_every_failure_has_the_same_answer(call: Call, body: dict[str, str]) -> None:
    """An unknown address, a malformed one and a wrong password cannot be told apart."""
    response = call("identity_login/login", body=body)
    expected = call("identity_login/login", body=WRONG)
    assert response["statusCode"] == 401
    assert response["json"] == expected["json"]
    assert response["headers"] == expected["headers"]


@pytest.mark.usefixtures("user_id")
@pytest.mark.parametrize("body", [WRONG, UNKNOWN])
@pytest.mark.parametrize("is_known", [False, True])
def test_a03_known_and_unknown_addresses_cost_the_same_calls(
    call: Call,
    body: dict[str, str],
    is_known: bool,  # noqa: FBT001  # a column of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One read, and one write for each counter, whether the network is known or not."""
    if is_known:
        call("identity_login/login")
    made = recorded_calls(monkeypatch)
    call("identity_login/login", body=body)
    assert made == ["BatchGetItem", "UpdateItem", "UpdateItem"]


@pytest.mark.usefixtures("user_id")
@pytest.mark.parametrize("body", [WRONG, UNKNOWN])
def test_a03_known_and_unknown_addresses_cost_one_hash_of_the_same_parameters(
    call: Call, body: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes the time is done once for either, with the same memory, passes and lanes."""
    verified: list[str] = []
    verify = PasswordHasher.verify

    def record(self: PasswordHasher, hashed: str, password: str) -> bool:
        verified.append(hashed)
        return verify(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", record)
    for _ in range(3):
        call("identity_login/login", body=body)
    assert [hashed.split("$")[1:4] for hashed in verified] == [
        ["argon2id", "v=19", "m=47104,t=1,p=1"]
    ] * 3


@pytest.mark.usefixtures("user_id")
def test_a_login_is_one_read_and_one_write(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing failed before, that is all; the first from a network writes it down."""
    made = recorded_calls(monkeypatch)
    assert call("identity_login/login")["statusCode"] == 200
    assert made == ["BatchGetItem", "UpdateItem", "PutItem"]
    made.clear()
    assert call("identity_login/login")["statusCode"] == 200
    assert made == ["BatchGetItem", "PutItem"]


@pytest.mark.usefixtures("user_id")
@pytest.mark.parametrize("body", [WRONG, UNKNOWN])
def test_a05_the_sixth_failure_brings_a_delay(call: Call, body: dict[str, str]) -> None:
    """Five times 401, then 429, for unknown addresses too."""
    answers = attempts(call, 8, body)
    assert answers[:5] == [(401, "invalid_credentials")] * 5
    assert answers[5:] == [(429, "too_many_attempts")] * 3


@pytest.mark.usefixtures("user_id")
def test_a05_five_failures_do_no_harm(call: Call) -> None:
    """Who remembers the password at the sixth attempt is let in, and starts anew."""
    attempts(call, 5, WRONG)
    assert call("identity_login/login")["statusCode"] == 200
    assert attempts(call, 5, WRONG) == [(401, "invalid_credentials")] * 5


@pytest.mark.usefixtures("user_id")
def test_a05_the_right_password_works_once_the_delay_is_over(
    call: Call, later: Callable[[timedelta], None]
) -> None:
    """During the delay it does not, and the answer says how long that is."""
    attempts(call, 6, WRONG)
    refused = call("identity_login/login")
    assert refused["statusCode"] == 429
    assert refused["headers"]["Retry-After"] == "1"
    assert refused["json"]["retry_after"] == 1
    later(timedelta(seconds=1))
    assert call("identity_login/login")["statusCode"] == 200


@pytest.mark.usefixtures("user_id")
def test_a05_attempts_during_the_delay_do_not_prolong_it(
    call: Call, later: Callable[[timedelta], None]
) -> None:
    """A stranger who keeps trying cannot lock the user out for good."""
    attempts(call, 60, WRONG)
    later(timedelta(seconds=1))
    assert call("identity_login/login")["statusCode"] == 200


@pytest.mark.usefixtures("user_id")
def test_a05_a_stranger_who_never_stops_does_not_shut_the_owner_out(
    call: Call, later: Callable[[timedelta], None]
) -> None:
    """Who tries again and again, and at once when each delay is over, slows down only strangers."""
    assert call("identity_login/login")["statusCode"] == 200
    for second in range(0, 300, 20):
        later(timedelta(seconds=second))
        call("identity_login/login", body=WRONG, source_ip=STRANGER)
        assert call("identity_login/login")["statusCode"] == 200
    assert call("identity_login/login", source_ip=STRANGER)["statusCode"] == 429
    assert call("identity_login/login", source_ip="192.0.2.9")["statusCode"] == 429


@pytest.mark.usefixtures("user_id")
def test_a05_failures_from_a_known_network_are_slowed_down_too(
    call: Call, later: Callable[[timedelta], None]
) -> None:
    """There the same rules hold, with a count of their own that the right password clears."""
    assert call("identity_login/login")["statusCode"] == 200
    answers = attempts(call, 7, WRONG)
    assert answers == [(401, "invalid_credentials")] * 5 + [(429, "too_many_attempts")] * 2
    assert call("identity_login/login")["statusCode"] == 429
    later(timedelta(seconds=1))
    assert call("identity_login/login")["statusCode"] == 200
    assert attempts(call, 5, WRONG) == [(401, "invalid_credentials")] * 5


@pytest.mark.usefixtures("user_id")
def test_a05_another_network_becomes_known_by_the_right_password_only(
    call: Call, later: Callable[[timedelta], None]
) -> None:
    """Then the strangers' failures that it had to wait for are forgotten."""
    attempts(call, 6, WRONG)
    assert call("identity_login/login")["statusCode"] == 429
    later(timedelta(seconds=1))
    assert call("identity_login/login")["statusCode"] == 200
    strangers = [
        call("identity_login/login", body=WRONG, source_ip=STRANGER)["statusCode"] for _ in range(7)
    ]
    assert strangers == [401] * 5 + [429] * 2
    assert call("identity_login/login")["statusCode"] == 200


@pytest.mark.usefixtures("user_id")
def test_a05_a_network_in_daily_use_does_not_make_room(
    call: Call, later: Callable[[timedelta], None]
) -> None:
    """Six days of a journey, another network each, do not make home a stranger's."""
    for day in range(7):
        later(timedelta(days=day))
        assert call("identity_login/login")["statusCode"] == 200
        later(timedelta(days=day, minutes=1))
        journey = f"198.51.100.{day}"
        assert call("identity_login/login", source_ip=journey)["statusCode"] == 200
    for _ in range(6):
        call("identity_login/login", body=WRONG, source_ip=STRANGER)
    assert call("identity_login/login", source_ip=STRANGER)["statusCode"] == 429
    assert call("identity_login/login")["statusCode"] == 200


@pytest.mark.usefixtures("user_id")
def test_a05_an_address_that_may_be_cloudfronts_never_gets_known(call: Call, items: Items) -> None:
    """Others come from there, too; the right password forgets the failures all the same."""
    unproven = {"X-Viewer-Address": "198.51.100.7"}
    call("identity_login/login", body=WRONG, headers=unproven)
    assert call("identity_login/login", headers=unproven)["statusCode"] == 200
    (account,) = [item for item in items() if "password_hash" in item]
    assert not [name for name in account if name.startswith(("network_", "failures"))]


@pytest.mark.usefixtures("user_id")
def test_a_read_that_stays_outdated_is_a_matter_of_trying_again(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is that the second read misses, too."""

    def stale(*_: object, **__: object) -> LoginRecord:
        return LoginRecord(None, None, None)

    monkeypatch.setattr(LoginStore, "read", stale)
    response = call("identity_login/login")
    assert (response["statusCode"], response["json"]["code"]) == (503, "temporarily_unavailable")


@pytest.mark.usefixtures("user_id")
def test_a05_the_account_remembers_five_networks(call: Call, items: Items) -> None:
    """The one that was used longest ago makes room."""
    for number in range(7):
        answer = call("identity_login/login", source_ip=f"198.51.100.{number}")
        assert answer["statusCode"] == 200
    (account,) = [item for item in items() if "password_hash" in item]
    known = {name for name in account if name.startswith("network_")}
    assert known == {
        f"network_{network_digest(login_digest(EMAIL), f'198.51.100.{number}')}"
        for number in range(2, 7)
    }


@pytest.mark.usefixtures("user_id")
def test_a05_of_attempts_sent_at_once_one_is_checked(
    call: Call, later: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that read the same failures cannot both have their password checked."""
    attempts(call, 6, WRONG)
    later(timedelta(seconds=2))
    store = LoginStore("Identity")
    seen = store.read(login_digest(EMAIL), "203.0.113.17", consistent=True)
    assert attempts(call, 1, WRONG) == [(429, "too_many_attempts")]

    def read_before(*_args: object, **_kwargs: object) -> LoginRecord:
        return seen

    monkeypatch.setattr(LoginStore, "read", read_before)
    refused = call("identity_login/login")
    assert (refused["statusCode"], refused["headers"]["Retry-After"]) == (429, "2")


@pytest.mark.usefixtures("user_id")
def test_a05_failures_are_forgotten_after_15_minutes(
    call: Call, later: Callable[[timedelta], None]
) -> None:
    """The count starts anew."""
    attempts(call, 6, WRONG)
    later(timedelta(minutes=15))
    assert attempts(call, 5, WRONG) == [(401, "invalid_credentials")] * 5


@pytest.mark.usefixtures("user_id")
def test_a05_an_address_that_fails_everywhere_is_stopped(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One failure on each of many accounts; another address is not touched by it."""
    monkeypatch.setenv("ADDRESS_FAILURES_LIMIT", "7")
    bodies = [{**WRONG, "email": f"user{number}@example.org"} for number in range(7)]
    assert [attempts(call, 1, body)[0][0] for body in bodies] == [401] * 7
    stopped = call("identity_login/login")
    assert (stopped["statusCode"], stopped["json"]["code"]) == (429, "too_many_attempts")
    assert 890 < stopped["json"]["retry_after"] <= 900
    assert call("identity_login/login", source_ip="198.51.100.4")["statusCode"] == 200


@pytest.mark.usefixtures("user_id")
def test_a05_behind_cloudfront_the_viewers_address_is_counted(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One viewer's failures stop that viewer, and nobody else at the same edge."""
    secret = boto3.client("secretsmanager").create_secret(Name="proof", SecretString="made-up")
    monkeypatch.setenv("ORIGIN_PROOF_SECRET_ARN", secret["ARN"])
    monkeypatch.setenv("ADDRESS_FAILURES_LIMIT", "1")
    viewer = {"X-Origin-Proof": "made-up", "X-Viewer-Address": "198.51.100.7"}
    assert call("identity_login/login", body=WRONG, headers=viewer)["statusCode"] == 401
    assert call("identity_login/login", headers=viewer)["statusCode"] == 429
    other = {**viewer, "X-Viewer-Address": "198.51.100.8"}
    assert call("identity_login/login", headers=other)["statusCode"] == 200


@pytest.mark.usefixtures("user_id")
def test_a05_nobody_else_chooses_the_address_that_is_counted(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the distribution's secret, another address in the header is no way around a stop."""
    monkeypatch.setenv("ADDRESS_FAILURES_LIMIT", "1")
    call("identity_login/login", body=WRONG)
    for number, proof in enumerate(({}, {"X-Origin-Proof": "guessed"})):
        headers = {"X-Viewer-Address": f"198.51.100.{number}", **proof}
        assert call("identity_login/login", headers=headers)["statusCode"] == 429


def test_a05_what_strangers_make_us_store_expires(call: Call, items: Items) -> None:
    """Failures of unknown addresses and of client addresses go within the window."""
    attempts(call, 3, UNKNOWN)
    soonest = int(clock.now().timestamp()) + 880
    stored = items()
    assert len(stored) == 2
    assert all(soonest < item["ttl"] < soonest + 30 for item in stored)


def test_an_account_that_a_read_missed_logs_in(
    call: Call, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right after registering, an eventually consistent read may not have the account yet."""
    read = LoginStore.read
    asked: list[bool] = []

    def stale(store: LoginStore, digest: str, network: str, *, consistent: bool) -> LoginRecord:
        asked.append(consistent)
        if consistent:
            return read(store, digest, network, consistent=True)
        return LoginRecord(None, None, None)

    monkeypatch.setattr(LoginStore, "read", stale)
    response = call("identity_login/login")
    assert response["statusCode"] == 200
    assert asked == [False, True]
    claims = jwt.decode(response["json"]["access_token"], options={"verify_signature": False})
    assert claims["sub"] == user_id


@pytest.mark.usefixtures("user_id")
def test_an_outdated_hash_is_replaced(call: Call, items: Items) -> None:
    """The first login after the parameters changed hashes anew; the password still works."""
    old = PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1).hash(PASSWORD)
    dynamodb.client().update_item(
        TableName="Identity",
        Key=marshal({"pk": f"EMAIL#{login_digest(EMAIL)}", "sk": "ACCOUNT"}),
        UpdateExpression="SET password_hash = :old",
        ExpressionAttributeValues=marshal({":old": old}),
    )
    assert call("identity_login/login")["statusCode"] == 200
    (credential,) = [item for item in items() if "password_hash" in item]
    assert credential["password_hash"].startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert call("identity_login/login")["statusCode"] == 200


@pytest.mark.usefixtures("user_id")
def test_d02_tokens_are_not_stored(call: Call, items: Items) -> None:
    """The table knows a refresh token by its hash, and no access token at all."""
    tokens = call("identity_login/login")["json"]
    stored = str(items())
    assert tokens["refresh_token"] not in stored
    assert tokens["refresh_token"].split("_", 2)[2] not in stored
    assert tokens["access_token"] not in stored


@pytest.mark.usefixtures("user_id")
def test_failures_are_security_events_without_secrets(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    """Failed and throttled logins are counted by reason; no address and no password is logged."""
    attempts(call, 7, WRONG)
    attempts(call, 1, UNKNOWN)
    written = capsys.readouterr().out
    assert '"LoginFailed"' in written
    assert '"LoginThrottled"' in written
    for reason in ("wrong_password", "unknown_email", "account"):
        assert re.search(f'"reason": ?"{reason}"', written)
    for secret in (EMAIL, UNKNOWN["email"], WRONG["password"], login_digest(EMAIL)):
        assert secret not in written


def test_the_clock_of_these_tests_moves(later: Callable[[timedelta], None]) -> None:
    """The tests above mean what they say."""
    before: datetime = clock.now()
    later(timedelta(minutes=1))
    assert clock.now() - before >= timedelta(minutes=1)
