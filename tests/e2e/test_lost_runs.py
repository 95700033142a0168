"""Runs and purchases whose saga was lost: all of them end, and every credit is accounted for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from infra.settings import settings_of
from local import stack as local_stack
from local.layout import Layout
from local.stack_file import StackFile
from tests.e2e.books import reconcile
from tests.e2e.operator import Operator
from tests.e2e.session import TEST_INSTANCE, Session

pytestmark = pytest.mark.e2e
PATIENCE_SECONDS = settings_of("local").sweep_after_seconds
RUNS = 20
RUN_SAGA = "WorkflowsRunSagaStateMachine"
PURCHASE_SAGA = "BillingPurchaseSagaStateMachine"


@pytest.fixture
def operator(stack: StackFile) -> Operator:
    """Return the account that the stack is in."""
    return Operator(stack)


@pytest.fixture
def rich(user: Session) -> Session:
    """Register a user with credits for all runs."""
    for _ in range(RUNS // 10):
        user.buy_credits("starter")
    return user


def csv_workflow(user: Session) -> str:
    """Create a workflow that takes a moment."""
    rows = "\n".join(f"{n},{n * 7 % 101},name {n}" for n in range(2_000))
    return str(user.engine.create_workflow("Sums", "csv-summary", {"csv": rows})["id"])


def started(user: Session, count: int) -> list[dict[str, Any]]:
    """Start many runs at once."""
    workflow_id = csv_workflow(user)
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: user.engine.run(workflow_id), range(count)))


def until_all_ended(user: Session, seconds: float) -> list[dict[str, Any]]:
    """Wait until no run of a user is under way."""
    deadline = time.monotonic() + seconds
    while True:
        runs = list(user.engine.pages("/v1/runs"))
        open_runs = [run for run in runs if run["status"] in {"queued", "running"}]
        if not open_runs:
            return runs
        assert time.monotonic() < deadline, f"{len(open_runs)} of {len(runs)} are still open"
        time.sleep(1)


@contextmanager
def dispatcher_down(operator: Operator, function: str) -> Iterator[None]:
    """Keep a service's dispatcher from being invoked."""
    client = operator.client("lambda")
    name = operator.resources[function]
    (mapping,) = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@contextmanager
def busy(operator: Operator, function: str) -> Iterator[None]:
    """Let a function take no invocation, so that whoever needs it tries again and again."""
    name = operator.resources[function]
    operator.client("lambda").put_function_concurrency(
        FunctionName=name, ReservedConcurrentExecutions=0
    )
    try:
        yield
    finally:
        operator.client("lambda").delete_function_concurrency(FunctionName=name)


def swept(operator: Operator, function: str, looks_at: str) -> Callable[[], dict[str, Any]]:
    """Sweep all items, as the schedule does."""
    return lambda: operator.invoke(function, {"look_at": looks_at, "position": None})


def test_s04_a_stack_that_stops_in_the_middle_of_runs_ends_them_all(
    stack: StackFile, operator: Operator, rich: Session
) -> None:
    """Given a stop amid runs and a purchase, after the start all of them come to their end.

    The emulator fails every execution that ran when it stopped. Nobody calls the sweeper here.
    """
    purchase = rich.purchase_with_charge("starter")
    layout = Layout.of_instance(TEST_INSTANCE)
    with busy(operator, "WorkflowsCsvSummary"):
        runs = started(rich, RUNS)
        first = runs[0]["id"]
        rich.until(lambda: rich.engine.get_run(first), lambda run: run["status"] == "running")
        local_stack.stop(layout)
        local_stack.run_detached(layout)

    assert StackFile.read(layout.stack_file).aws_endpoint_url == stack.aws_endpoint_url
    ended = until_all_ended(rich, seconds=200)
    assert {run["id"] for run in ended} == {run["id"] for run in runs}
    assert {run["status"] for run in ended} == {"succeeded"}
    assert [run for run in runs if operator.executions(RUN_SAGA, f"{run['id']}-2")]
    reconcile(rich)
    expired = rich.until(
        lambda: rich.engine.purchase(purchase["id"]),
        lambda p: p["status"] != "pending",
        seconds=200,
    )
    assert expired["status"] == "expired"


def test_s02_what_was_never_dispatched_is_started_once(operator: Operator, rich: Session) -> None:
    """Given dispatchers that are down, the sweeps start run and purchase; the late ones do not."""
    with (
        dispatcher_down(operator, "WorkflowsDispatch"),
        dispatcher_down(operator, "BillingDispatch"),
    ):
        (run,) = started(rich, 1)
        purchase = rich.engine.call(
            "POST",
            "/v1/purchases",
            {"package_id": "starter", "payment_method": {"type": "promptpay"}},
            idempotency_key="not dispatched",
        )
        assert purchase["payment"] is None
        sweep_runs = swept(operator, "WorkflowsSweeper", "runs")
        assert sweep_runs()["recovered"] == {}  # the stream gets its time
        time.sleep(PATIENCE_SECONDS + 1)
        sweep_runs()
        swept(operator, "BillingSweeper", "purchases")()
        assert rich.finished(run)["status"] == "succeeded"
        rich.pay(rich.until(lambda: rich.engine.purchase(purchase["id"]), lambda p: p["payment"]))
    time.sleep(2)  # the streams deliver what they held back

    assert operator.executions(RUN_SAGA, run["id"]) == [run["id"]]
    assert operator.executions(PURCHASE_SAGA, purchase["id"]) == [purchase["id"]]
    charges = rich.omise("GET", "/charges?limit=100&order=reverse_chronological")["data"]
    mine = [c for c in charges if c["metadata"].get("purchase_id") == purchase["id"]]
    assert len(mine) == 1
    reconcile(rich)


def test_s02_the_stream_may_deliver_twice_and_out_of_order(
    operator: Operator, rich: Session
) -> None:
    """Given every record once more and backwards, no run is executed or paid twice."""
    runs = started(rich, 5)
    until_all_ended(rich, seconds=60)
    images = [
        {"id": {"S": run["id"]}, "correlation_id": {"S": "cor_again"}} for run in reversed(runs)
    ]
    records = [
        {
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": {"NewImage": image, "SequenceNumber": str(number)},
        }
        for number, image in enumerate([*images, *images])
    ]

    assert operator.invoke("WorkflowsDispatch", {"Records": records}) == {"batchItemFailures": []}

    for run in runs:
        assert operator.executions(RUN_SAGA, run["id"]) == [run["id"]]
    reconcile(rich)


def test_a_website_on_the_machine_itself_is_refused_and_costs_nothing(rich: Session) -> None:
    """Given the address of a server that is up, but is ours, nothing is fetched or paid."""
    before = rich.engine.account()["balance"]
    port = rich.stack.api_url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "[::1]", "2130706433"):
        workflow = rich.engine.create_workflow(
            host, "website-check", {"url": f"http://{host}:{port}/v1/health"}
        )
        run = rich.finished(rich.engine.run(workflow["id"]))
        assert (run["status"], run["error"]["code"]) == ("failed", "target_refused"), host
    assert rich.engine.account()["balance"] == before
    reconcile(rich)


def test_what_was_paid_for_runs_whatever_becomes_of_the_workflow(
    operator: Operator, rich: Session
) -> None:
    """Given a workflow that is changed and archived before its run begins, the run is as it was."""
    with dispatcher_down(operator, "WorkflowsDispatch"):
        workflow = rich.engine.create_workflow("Two", "csv-summary", {"csv": "a\n1\n2\n"})
        run = rich.engine.run(workflow["id"])
        changed = {"parameters": {"csv": "a\n1\n2\n3\n"}}
        rich.engine.call("PATCH", f"/v1/workflows/{workflow['id']}", changed)
        rich.engine.call("DELETE", f"/v1/workflows/{workflow['id']}")

    finished = rich.finished(run)
    assert (finished["status"], finished["output"]["rows"]) == ("succeeded", 2)
    reconcile(rich)
