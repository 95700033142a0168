"""The deployed stack as its operator sees it: outputs, executions, logs, tables and reports."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import boto3

from local.layout import ACCOUNT
from local.stack_file import StackFile

Json = dict[str, Any]
PATIENCE_SECONDS = 90.0


class Operator:
    """Whoever may call AWS's own APIs.

    Parameters
    ----------
    stack
        The running stack.
    """

    def __init__(self, stack: StackFile) -> None:
        self._stack = stack

    def client(self, service: str) -> Any:  # noqa: ANN401  # any of boto3's clients
        """Make a client of the stack's AWS."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs know literals only
            endpoint_url=self._stack.aws_endpoint_url,
            region_name=self._stack.region,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
        )

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        cloudformation = self.client("cloudformation")
        described = cloudformation.describe_stacks(StackName=self._stack.stack_name)
        return {one["OutputKey"]: one["OutputValue"] for one in described["Stacks"][0]["Outputs"]}

    def run(self, output: str, given: Json | None = None, name: str | None = None) -> Json:
        """Run a state machine to its end, and return its output; the output names its ARN."""
        sagas = self.client("stepfunctions")
        started = sagas.start_execution(
            stateMachineArn=self.outputs[output],
            name=name or f"test-{secrets.token_hex(8)}",
            input=json.dumps(given or {}),
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            execution = sagas.describe_execution(executionArn=started["executionArn"])
            if execution["status"] == "SUCCEEDED":
                return dict(json.loads(execution["output"]))
            assert execution["status"] == "RUNNING", execution
            assert time.monotonic() < deadline, execution
            time.sleep(0.2)

    def reconcile(self) -> list[Json]:
        """Run the reconciliation and return the differences that it reports."""
        part = self.run("ReconciliationArn")["part"]
        key = part["report"].replace(".md", ".json")
        bucket = self.outputs["ReportsBucketName"]
        body = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return list(json.loads(body)["differences"])

    def refund(self, purchase: Json, amount: int | str = "all", **more: object) -> Json:
        """Refund a purchase, and return what came of it."""
        order = {"purchase_id": purchase["id"], "amount": amount, "reason": "a test", **more}
        result = self.run("RefundSagaArn", {"operator": "someone@example.com", **order})
        return dict(result["result"])

    def log_lines(self) -> Iterator[str]:
        """Read every line that any function logged."""
        logs = self.client("logs")
        for group in logs.get_paginator("describe_log_groups").paginate():
            for found in group["logGroups"]:
                events = logs.get_paginator("filter_log_events")
                for page in events.paginate(logGroupName=found["logGroupName"]):
                    yield from (event["message"] for event in page["events"])

    def items(self) -> Iterator[str]:
        """Read every item of every table, as JSON."""
        dynamodb = self.client("dynamodb")
        for table in self._stack.table_names.values():
            for page in dynamodb.get_paginator("scan").paginate(TableName=table):
                yield from (json.dumps(item, default=repr) for item in page["Items"])
