"""The stand-in of AWS that warm and cold requests are measured against."""

from __future__ import annotations

import os
from typing import Any

import pytest
import requests

from benchmarks.lambdas import all_lambdas
from benchmarks.sizes import users_of
from benchmarks.stub.client import running_stub
from benchmarks.stub.dynamodb import FixedTables
from benchmarks.stub.scene import Scene, wire_form
from benchmarks.warm import measured

Json = Any


def item(sk: str, **more: str) -> Json:
    """Make an item of one partition."""
    return {name: {"S": value} for name, value in {"pk": "A", "sk": sk, **more}.items()}


TABLES = FixedTables({"Table": [item("1"), item("2", list_key="L", listed_at="t"), item("3")]})


def query(condition: str, **more: Json) -> list[str]:
    """Return the sort keys of what a query finds."""
    request = {
        "TableName": "Table",
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {":pk": {"S": "A"}, ":bound": {"S": "2"}, ":list": {"S": "L"}},
        **more,
    }
    return [found["sk"]["S"] for found in TABLES.answer("Query", request)["Items"]]


def test_a_query_keeps_to_order_limit_and_bound() -> None:
    """As DynamoDB would, for the conditions that the functions use."""
    assert query("pk = :pk", ScanIndexForward=False, Limit=1) == ["3"]
    assert query("pk = :pk AND sk > :bound") == ["3"]
    assert query("pk = :pk AND sk <= :bound", ScanIndexForward=False) == ["2", "1"]
    assert query("list_key = :list", IndexName="by_user") == ["2"]


def test_reads_find_what_there_is() -> None:
    """One item, several, or none."""
    present, absent = ({"pk": {"S": "A"}, "sk": {"S": sk}} for sk in ("1", "9"))
    assert TABLES.answer("GetItem", {"TableName": "Table", "Key": absent}) == {}
    batch = {"RequestItems": {"Table": {"Keys": [present, absent]}}}
    assert TABLES.answer("BatchGetItem", batch)["Responses"] == {"Table": [item("1")]}


def test_an_update_answers_as_if_it_had_happened_and_changes_nothing() -> None:
    """So the thousandth request meets the same world as the first."""
    key = {"pk": {"S": "A"}, "sk": {"S": "1"}}
    request = {
        "TableName": "Table",
        "Key": key,
        "UpdateExpression": "SET #status = :new",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":new": {"S": "done"}},
    }
    assert TABLES.answer("UpdateItem", request)["Attributes"]["status"] == {"S": "done"}
    assert TABLES.answer("GetItem", {"TableName": "Table", "Key": key})["Item"] == item("1")


def test_bytes_travel_as_base64() -> None:
    """As in DynamoDB's own JSON."""
    assert wire_form({"hash": {"B": b"abc"}, "list": [1]}) == {"hash": {"B": "YWJj"}, "list": [1]}


def test_it_notes_the_calls_and_forgets_them_once_told() -> None:
    """That is where the minimal handler gets its calls from."""
    with running_stub() as stub:
        stub.show(Scene(omise={"GET /charges/chrg_test_1": {"object": "charge"}}))
        answer = requests.get(f"{stub.url}/charges/chrg_test_1", timeout=9)
        assert answer.json() == {"object": "charge"}
        assert [call["path"] for call in stub.calls()] == ["/charges/chrg_test_1"]
        assert stub.calls() == []


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("workflows/run_workflow", {"run": 3}),
        ("billing/webhook", {"charge_complete": 5}),
        ("identity/authorizer", {"request": 0}),
    ],
)
def test_a_function_and_its_minimal_handler_are_measured_on_its_events(
    name: str, calls: dict[str, int]
) -> None:
    """Given an event's world, the warm function accepts it with these calls, and so does the other.

    Three reads and writes for a run; the charge, two reads, the transaction and the saga's signal
    for a webhook; nothing at all for the authorizer.
    """
    (function,) = (known for known in all_lambdas() if known.name == name)
    with running_stub() as stub:
        figures = measured(function, stub, 2)
    assert {event: found["calls"] for event, found in figures.items()} == calls
    assert all(len(found["ours"]) == len(found["minimal"]) == 2 for found in figures.values())


def test_every_function_is_measured() -> None:
    """Each folder with a handler, with at least one event."""
    functions = {known.name: known for known in all_lambdas()}
    assert "workflows/automations/csv_summary" in functions
    assert all(known.events for known in functions.values())
    assert functions["billing/webhook"].environment("http://x")["AWS_ENDPOINT_URL"] == "http://x"
    assert not os.environ.get("AWS_ENDPOINT_URL")


def test_packages_are_named_by_who_uses_them() -> None:
    """Functions that share a package share its row; what has none is no matter."""
    code = {"S3Bucket": "b", "S3Key": "one.zip"}
    template = {
        "Resources": {
            "First": {"Type": "AWS::Lambda::Function", "Properties": {"Code": code}},
            "Second": {"Type": "AWS::Lambda::Function", "Properties": {"Code": code}},
            "Layer": {
                "Type": "AWS::Lambda::LayerVersion",
                "Properties": {"Content": {"S3Key": "two.zip"}},
            },
            "Inline": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": ""}}},
            "Table": {"Type": "AWS::DynamoDB::Table"},
        }
    }
    assert users_of(template) == {"one.zip": ["First", "Second"], "two.zip": ["Layer"]}
