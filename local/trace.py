"""`make trace ID=…`: everything that happened under one correlation id, in order.

Looks where an operator would look in AWS: the functions' logs, the tables, the executions of the
state machines; and at the charges of the Omise-compatible server.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from local.aws import Aws
from local.stack_file import StackFile

Json = dict[str, Any]

MAX_PAGES = 200
SECONDS = 10
UNTOLD = frozenset(
    {"timestamp", "level", "location", "message", "service", "xray_trace_id", "correlation_id"}
)
BUSINESS_ID = re.compile(r"\b(?:pur|run)_[0-9A-Za-z]{20,40}\b")


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: datetime
    where: str
    what: str
    details: str = ""

    def __str__(self) -> str:
        at = self.at.strftime("%H:%M:%S.%f")[:-3]
        return f"  {at}  {self.where:<26} {self.what:<28} {self.details}".rstrip()


def trace(file: StackFile, correlation_id: str) -> list[Line]:
    """Collect what happened under an id, oldest first.

    Parameters
    ----------
    file
        The running stack.
    correlation_id
        What a response's `X-Correlation-Id` said.
    """
    aws = Aws(file.aws_endpoint_url)
    items = list(_items(aws, file, correlation_id))
    names = {name for _, item in items for name in BUSINESS_ID.findall(str(item))}
    lines = [
        *_logged(aws, correlation_id),
        *(_stored(table, item) for table, item in items),
        *_executed(aws, names),
        *_charged(file, correlation_id),
    ]
    return sorted(lines, key=lambda line: line.at)


def _logged(aws: Aws, correlation_id: str) -> Iterator[Line]:
    """Find the log lines that name the id, their own or as that of what they are about."""
    groups = aws.logs.get_paginator("describe_log_groups").paginate()
    for name in (group["logGroupName"] for page in groups for group in page["logGroups"]):
        pages = aws.logs.get_paginator("filter_log_events").paginate(
            logGroupName=name, PaginationConfig={"MaxItems": MAX_PAGES * 1000}
        )
        for message in (event["message"] for page in pages for event in page["events"]):
            if f'"{correlation_id}"' in message:
                yield _log_line(name, message)


def _log_line(group: str, message: str) -> Line:
    entry: Json = json.loads(message)
    at = datetime.strptime(entry["timestamp"], "%Y-%m-%d %H:%M:%S,%f%z")
    told = {name: value for name, value in entry.items() if name not in UNTOLD}
    return Line(at, f"log {function_of(group)}", entry["message"], _flat(told))


def function_of(group: str) -> str:
    """Shorten `…/BillingBillingWebhookLogsABF89E72` to `BillingWebhook`."""
    name = re.sub(r"Logs[0-9A-F]{8}$", "", group.rsplit("/", 1)[-1])
    return re.sub(r"^([A-Z][a-z]+)(?=\1)", "", name)


def _items(aws: Aws, file: StackFile, correlation_id: str) -> Iterator[tuple[str, Json]]:
    """Find the records that a request made; billing's items keep their members' names short."""
    for service in ("billing", "workflows"):
        pages = aws.dynamodb.get_paginator("scan").paginate(
            TableName=file.table_names[service],
            FilterExpression="cid = :id OR correlation_id = :id",
            ExpressionAttributeValues={":id": {"S": correlation_id}},
            PaginationConfig={"PageSize": 500},
        )
        for page in pages:
            for item in page["Items"]:
                yield service, {name: _plain(value) for name, value in item.items()}


def _plain(attribute: Any) -> object:  # noqa: ANN401  # DynamoDB's JSON
    return next(iter(attribute.values()))


def _stored(table: str, item: Json) -> Line:
    kind, _, key = str(item["pk"]).partition("#")
    at = item.get("at") or item["listed_at"].partition("#")[0]
    told = {name: item.get(name) for name in ("type", "status", "amount", "balance")}
    what = f"{kind.lower()} stored" if kind != "LEDGER" else f"ledger entry {int(item['sk'])}"
    return Line(_time(at), f"table {table}", what, f"{key} {_flat(told)}")


def _executed(aws: Aws, names: set[str]) -> Iterator[Line]:
    """Go through the states of the executions that bear one of the names."""
    machines = aws.state_machines.get_paginator("list_state_machines").paginate()
    for machine in (m for page in machines for m in page["stateMachines"]):
        pages = aws.state_machines.get_paginator("list_executions").paginate(
            stateMachineArn=machine["stateMachineArn"]
        )
        for execution in (e for page in pages for e in page["executions"]):
            if execution["name"] in names:
                yield from _states(aws, execution["executionArn"], execution["name"])


def _states(aws: Aws, arn: str, name: str) -> Iterator[Line]:
    history = aws.state_machines.get_paginator("get_execution_history").paginate(executionArn=arn)
    for event in (e for page in history for e in page["events"]):
        entered = event.get("stateEnteredEventDetails")
        if entered:
            yield Line(event["timestamp"].astimezone(UTC), "saga", entered["name"], name)
        elif event["type"].startswith("Execution"):
            yield Line(event["timestamp"].astimezone(UTC), "saga", event["type"], name)


def _charged(file: StackFile, correlation_id: str) -> Iterator[Line]:
    """Find the charges whose metadata name the id."""
    for number in range(MAX_PAGES):
        page = _omise(file, f"/charges?limit=100&offset={number * 100}")
        for charge in page["data"]:
            if charge["metadata"].get("correlation_id") == correlation_id:
                yield from _charge_lines(charge)
        if (number + 1) * 100 >= page["total"]:
            return


def _charge_lines(charge: Json) -> Iterator[Line]:
    yield Line(_time(charge["created_at"]), "omise", "charge created", charge["id"])
    if charge.get("paid_at"):
        yield Line(_time(charge["paid_at"]), "omise", f"charge {charge['status']}", charge["id"])


def _omise(file: StackFile, path: str) -> Json:
    response = requests.get(
        file.omise_url + path, auth=(file.omise_secret_key, ""), timeout=SECONDS
    )
    response.raise_for_status()
    return dict(response.json())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _flat(told: Json) -> str:
    return " ".join(f"{name}={value}" for name, value in told.items() if value is not None)
