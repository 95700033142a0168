"""Calls of AWS over real HTTP: what is sent, what is understood, when it is tried again."""

from __future__ import annotations

import functools
import json
import threading
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPSConnection
from typing import Any
from unittest import mock

import pytest

from kernel.aws import connections, json_api
from kernel.aws.connections import ConnectionPool, Limits
from kernel.aws.json_api import (
    MAX_ATTEMPTS,
    AwsRefusedError,
    AwsUnreachableError,
    JsonApi,
    Service,
)
from kernel.backoff import full_jitter
from kernel.dynamodb_client import DynamoDbClient
from tests.unit.kernel import http_service
from tests.unit.kernel.http_service import HANG_UP, Answer, serving

THINGS = Service("things", "Things", "Things_2026", "1.0", "AWS_ENDPOINT_URL_THINGS")
ENVIRONMENT = {
    "AWS_REGION": "ap-southeast-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_SESSION_TOKEN": "a-session-token",
}
REFUSED = Answer(400, {"__type": "com.amazonaws.things.v2026#NotFoundException", "Item": {}})
THROTTLED = Answer(400, {"__type": "com.amazonaws.things.v2026#ThrottlingException"})


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[http_service.Service]:
    """Serve, without pauses between attempts."""
    monkeypatch.setattr(json_api, "_CAP_SECONDS", 0)
    with serving() as server:
        yield server


@pytest.fixture
def api(service: http_service.Service) -> JsonApi:
    """Make the client as a function does, from the environment."""
    return client_of(service.url)


def client_of(url: str, read_seconds: float = 5) -> JsonApi:
    """Make a client."""
    environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL_THINGS": url}
    return JsonApi.from_environment(THINGS, read_seconds, environment)


def test_a_call_is_one_signed_post(api: JsonApi, service: http_service.Service) -> None:
    """Operation and version in the headers, the request as JSON, the role's own signature."""
    service.behaviour = lambda operation, request: Answer(200, {operation: request})
    assert api.call("Get", {"Key": "é"}) == {"Get": {"Key": "é"}}
    (headers,) = service.headers
    assert headers["x-amz-target"] == "Things_2026.Get"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["host"] == service.url.removeprefix("http://")
    assert headers["x-amz-security-token"] == "a-session-token"
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")


def test_calls_share_a_connection(api: JsonApi, service: http_service.Service) -> None:
    """Given several calls, refusals among them, one connection carries all."""
    service.failing(1, REFUSED)
    with pytest.raises(AwsRefusedError):
        api.call("Get", {})
    for _ in range(5):
        api.call("Get", {})
    assert len(service.connections) == 1


def test_threads_never_share_a_connection_at_once(
    api: JsonApi, service: http_service.Service
) -> None:
    """Given many threads, everyone gets the answer to what it asked."""
    service.behaviour = lambda _, request: Answer(200, request)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: api.call("Get", {"n": n}), range(200)))
    assert [answer["n"] for answer in answers] == list(range(200))
    assert len(api.connections._idle) <= connections._MAX_IDLE


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {"__type": "InternalServerError"}),
        Answer(503, {}),
        Answer(502, "not an object"),
        THROTTLED,
        Answer(400, {"__type": "x#ProvisionedThroughputExceededException"}),
        Answer(400, {"__type": "x#TransactionInProgressException"}),
        Answer(200, b"<html>a proxy</html>"),
        Answer(200, b""),
        Answer(200, b'{"half": ', length=100),
        Answer(200, {"Item": {}}, headers=(("x-amz-crc32", "1"),)),
        HANG_UP,
    ],
)
def test_what_may_pass_is_tried_again_with_the_same_bytes(
    api: JsonApi, service: http_service.Service, answer: Answer
) -> None:
    """Twice refused, misled, cut short or hung up on, the third attempt goes through."""
    service.failing(2, answer)
    assert api.call("Put", {"token": "t"}) == {}
    assert service.requests == [{"token": "t"}] * 3


def test_l11_attempts_are_bounded(api: JsonApi, service: http_service.Service) -> None:
    """L11: three attempts, and then the service's own last word."""
    service.behaviour = lambda *_: THROTTLED
    with pytest.raises(AwsRefusedError) as refusal:
        api.call("Put", {})
    assert refusal.value.is_passing
    assert len(service.requests) == MAX_ATTEMPTS == 3


def test_the_wait_between_attempts_grows_and_is_random(
    api: JsonApi, service: http_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full jitter: anything from nothing to a ceiling that doubles."""
    waits: list[float] = []
    monkeypatch.setattr(json_api, "_CAP_SECONDS", 0.2)
    monkeypatch.setattr(json_api, "full_jitter", functools.partial(full_jitter, draw=lambda: 0.5))
    monkeypatch.setattr(json_api, "time", mock.Mock(sleep=waits.append))
    service.failing(2, THROTTLED)
    api.call("Put", {})
    assert waits == [0.05, 0.1]


def test_a_refusal_is_not_tried_again(api: JsonApi, service: http_service.Service) -> None:
    """What the service refuses for good, it does so at once, and all that it says comes along."""
    service.behaviour = lambda *_: REFUSED
    with pytest.raises(AwsRefusedError) as refusal:
        api.call("Get", {})
    assert (refusal.value.code, refusal.value.status) == ("NotFoundException", 400)
    assert refusal.value.answer["Item"] == {}
    assert not refusal.value.is_passing
    assert len(service.requests) == 1


def test_a_right_checksum_is_no_trouble(api: JsonApi, service: http_service.Service) -> None:
    """DynamoDB tells the CRC-32 of what it sent."""
    body = b'{"Item": {"S": "x"}}'
    checksum = (("x-amz-crc32", str(zlib.crc32(body))),)
    service.behaviour = lambda *_: Answer(200, body, headers=checksum)
    assert api.call("Get", {}) == json.loads(body)
    assert len(service.requests) == 1


def test_a_connection_that_was_closed_meanwhile_is_not_used(
    api: JsonApi, service: http_service.Service
) -> None:
    """Given an idle connection that the other side closed, no request is lost in it."""
    service.behaviour = lambda *_: Answer(200, {}, headers=(("x-closing", "now"),), length=2)
    api.call("Get", {})
    (idle,) = api.connections._idle
    while not connections._is_dropped(idle):
        threading.Event().wait(0.01)
    service.behaviour = lambda *_: Answer()
    api.call("Get", {})
    assert len(service.requests) == 2
    assert len(service.connections) == 2


def test_an_answer_of_an_attempt_that_was_given_up_reaches_nobody(
    service: http_service.Service,
) -> None:
    """Given a late answer, the next call does not take it for its own."""
    api, release = client_of(service.url, read_seconds=0.1), threading.Event()

    def late(_operation: str, request: Mapping[str, Any]) -> Answer:
        if request["n"] == 1 and len(service.requests) == 1:
            release.wait(5)
        return Answer(200, request)

    service.behaviour = late
    assert api.call("Get", {"n": 1}) == {"n": 1}
    release.set()
    assert api.call("Get", {"n": 2}) == {"n": 2}


def test_a_silent_service_is_given_up(service: http_service.Service) -> None:
    """Every attempt has a time-out, and the call says that nobody answered."""
    release = threading.Event()

    def stay_silent(*_: object) -> Answer:
        release.wait(10)
        return HANG_UP

    service.behaviour = stay_silent
    with pytest.raises(AwsUnreachableError, match="TimeoutError"):
        client_of(service.url, read_seconds=0.05).call("Get", {})
    release.set()
    assert len(service.requests) == MAX_ATTEMPTS


def test_nobody_listening_is_told(service: http_service.Service) -> None:
    """A connection that cannot be made is no different."""
    service.server_close()
    with pytest.raises(AwsUnreachableError, match="ConnectionRefusedError"):
        client_of(service.url).call("Get", {})


@pytest.mark.parametrize(
    ("further", "host"),
    [
        ({}, "things.ap-southeast-1.amazonaws.com"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "127.0.0.1:4566"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_THINGS": "http://h:2"},
            "h:2",
        ),
    ],
)
def test_the_endpoint_is_found_as_sdks_find_it(further: dict[str, str], host: str) -> None:
    """The region's own, or the one that the environment names; the nearer name counts."""
    api = JsonApi.from_environment(THINGS, 1, {**ENVIRONMENT, **further})
    assert api.connections.host == host


def test_in_aws_connections_are_encrypted_and_timed() -> None:
    """HTTPS with certificates and host names checked, and a time-out."""
    connection = ConnectionPool("https://things.example.com", Limits(1.5, 3))._made()
    assert isinstance(connection, HTTPSConnection)
    assert connection.timeout == 1.5
    context = connections.tls_context()
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"
    assert context.minimum_version.name == "TLSv1_2"


class TransactionsOnce:
    """DynamoDB, as far as it matters: a transaction of a token that it knows is done already."""

    def __init__(self, lost_answers: int) -> None:
        self.written: list[Any] = []
        self._tokens: set[str] = set()
        self._lost_answers = lost_answers

    def __call__(self, _operation: str, request: Mapping[str, Any]) -> Answer:
        """Write, unless it was written; lose some answers."""
        token = request["ClientRequestToken"]
        if token not in self._tokens:
            self._tokens.add(token)
            self.written.append(request["TransactItems"])
        self._lost_answers -= 1
        return HANG_UP if self._lost_answers >= 0 else Answer()


@pytest.mark.parametrize("lost_answers", [0, 1, 2])
def test_l04_a_transaction_whose_answer_is_lost_is_written_once(
    api: JsonApi, service: http_service.Service, lost_answers: int
) -> None:
    """L04: every attempt carries the same token, and another transaction another one."""
    service.behaviour = transactions = TransactionsOnce(lost_answers)
    client = DynamoDbClient(api)
    client.transact_write_items(TransactItems=["first"])
    client.transact_write_items(TransactItems=["second"])
    assert transactions.written == [["first"], ["second"]]
    assert len(service.requests) == 2 + lost_answers


def test_a_token_of_the_callers_own_is_kept(api: JsonApi, service: http_service.Service) -> None:
    """Whoever makes a transaction again later knows it by its token."""
    DynamoDbClient(api).transact_write_items(TransactItems=[], ClientRequestToken="mine")
    assert service.requests[0]["ClientRequestToken"] == "mine"
