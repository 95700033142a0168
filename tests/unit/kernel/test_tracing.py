"""X-Ray subsegments: what the daemon is sent, and that nothing depends on it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from kernel import tracing

Json = dict[str, Any]
TRACE = "Root=1-65f2c3a1-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled="


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[Json]]]:
    """Listen where Lambda's daemon does; return what has arrived."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0)
        host, port = listener.getsockname()
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"{host}:{port}")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", f"{TRACE}1")
        yield lambda: list(_received(listener))


def _received(listener: socket.socket) -> Iterator[Json]:
    while True:
        try:
            datagram = listener.recv(65_536).decode()
        except BlockingIOError:
            return
        header, _, document = datagram.partition("\n")
        assert json.loads(header) == {"format": "json", "version": 1}
        yield json.loads(document)


@pytest.fixture
def table() -> Iterator[tuple[Any, Stubber]]:
    """Make a client whose calls are traced and answered here."""
    client = boto3.client(
        "dynamodb", region_name="ap-southeast-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    # First: the stubber answers in place of whatever comes after it.
    tracing.follow(client)
    with Stubber(client) as stubber:
        yield client, stubber


def test_a_call_out_is_a_subsegment_of_the_functions_segment(
    daemon: Callable[[], list[Json]],
) -> None:
    """Given a sampled trace, the daemon is told what was called and how long it took."""
    with tracing.subsegment("KMS", "aws", aws={"operation": "Sign"}):
        pass

    (document,) = daemon()
    assert document["type"] == "subsegment"
    assert document["trace_id"] == "1-65f2c3a1-0123456789abcdef01234567"
    assert document["parent_id"] == "53995c3f42cd8ad8"
    assert len(document["id"]) == 16
    assert (document["name"], document["namespace"]) == ("KMS", "aws")
    assert document["aws"] == {"operation": "Sign"}
    assert document["start_time"] <= document["end_time"]
    assert "fault" not in document


def test_a_call_that_fails_is_a_fault(daemon: Callable[[], list[Json]]) -> None:
    """Given a call that raises, the error goes on and the subsegment says so."""
    with pytest.raises(TimeoutError), tracing.subsegment("Omise", "remote"):
        raise TimeoutError

    (document,) = daemon()
    assert document["fault"] is True


@pytest.mark.parametrize("trace", [f"{TRACE}0", "", "Root=1-2-3"])
def test_what_is_not_sampled_is_not_sent(
    daemon: Callable[[], list[Json]], monkeypatch: pytest.MonkeyPatch, trace: str
) -> None:
    """Lambda decides what is sampled."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)

    with tracing.subsegment("KMS", "aws"):
        tracing.annotate(purchase_id="pur_1")

    assert daemon() == []


@pytest.mark.parametrize("address", [None, "127.0.0.1:9", "nonsense"])
def test_without_a_daemon_everything_works_as_before(
    monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    """Given no daemon, or one that is not there, a call goes through."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"{TRACE}1")
    monkeypatch.delenv("AWS_XRAY_DAEMON_ADDRESS", raising=False)
    if address:
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)

    with tracing.subsegment("KMS", "aws"):
        done = True

    assert done


def test_ids_make_a_trace_findable(daemon: Callable[[], list[Json]]) -> None:
    """Annotations are what X-Ray indexes; what is not known is left out."""
    tracing.annotate(correlation_id="cor_1", purchase_id="pur_1", run_id=None)

    (document,) = daemon()
    assert document["annotations"] == {"correlation_id": "cor_1", "purchase_id": "pur_1"}


def test_a_boto3_clients_calls_are_traced(
    daemon: Callable[[], list[Json]], table: tuple[Any, Stubber]
) -> None:
    """Each call is a subsegment with its operation and the answer's status."""
    client, stubber = table
    status = {"HTTPStatusCode": 200}
    stubber.add_response("get_item", {"ResponseMetadata": status})

    client.get_item(TableName="Billing", Key={"pk": {"S": "secret"}})

    (document,) = daemon()
    assert (document["name"], document["namespace"]) == ("DynamoDB", "aws")
    assert document["aws"] == {"operation": "GetItem"}
    assert document["http"] == {"response": {"status": 200}}
    assert not document["error"]
    assert "secret" not in json.dumps(document)


@pytest.mark.parametrize(
    ("status", "verdicts"), [(400, {"error"}), (429, {"error", "throttle"}), (500, {"fault"})]
)
def test_a_refused_call_says_whose_fault_it_is(
    daemon: Callable[[], list[Json]],
    table: tuple[Any, Stubber],
    status: int,
    verdicts: set[str],
) -> None:
    """As X-Ray colours its map: the caller's error, a throttle, the callee's fault."""
    client, stubber = table
    stubber.add_client_error("get_item", "Refused", http_status_code=status)

    with pytest.raises(ClientError):
        client.get_item(TableName="Billing", Key={"pk": {"S": "x"}})

    (document,) = daemon()
    assert {name for name in ("error", "throttle", "fault") if document[name]} == verdicts


def test_a_trace_is_handed_on_to_executions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state machine that a function starts belongs to the function's trace."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"{TRACE}1")
    assert tracing.handed_on() == {"traceHeader": f"{TRACE}1"}
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    assert tracing.handed_on() == {}
