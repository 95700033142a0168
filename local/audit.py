"""`make audit`: runs the audit that the stack runs every night, and tells what it found."""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local import stack
from local.aws import Aws
from local.layout import Layout
from local.stack_file import StackFile
from local.steps import StackError

OUTPUT = "LedgerAuditArn"
PATIENCE_SECONDS = 600.0
POLL_SECONDS = 0.2
MAX_EVENTS = 1000


@dataclass(frozen=True)
class AuditReport:
    """What an audit came to.

    Parameters
    ----------
    accounts, entries
        How many were verified.
    finding_count
        How many things are wrong.
    findings
        The first of them: `user_id`, `entry_no` and `problem` each.
    """

    accounts: int
    entries: int
    finding_count: int
    findings: list[dict[str, Any]]

    def tell(self) -> None:
        """Print it.

        Raises
        ------
        StackError
            Something is wrong.
        """
        print(f"  accounts {self.accounts}\n  entries  {self.entries}")
        print(f"  findings {self.finding_count}")
        for finding in self.findings:
            print("  ✗ {user_id} entry {entry_no} {problem}".format(**finding))
        if self.finding_count:
            raise StackError("a ledger does not verify")


def audit(layout: Layout) -> AuditReport:
    """Run the deployed audit to its end.

    Raises
    ------
    StackError
        No stack runs, or the audit does not come to its end.
    """
    if not stack.is_running(layout):
        raise StackError("the stack does not run: `make run` brings it up")
    file = StackFile.read(layout.stack_file)
    aws = Aws(file.aws_endpoint_url)
    parts = list(_parts(aws, _run(aws, _state_machine(aws, file.stack_name))))
    return AuditReport(
        accounts=sum(part["accounts"] for part in parts),
        entries=sum(part["entries"] for part in parts),
        finding_count=sum(part["finding_count"] for part in parts),
        findings=[finding for part in parts for finding in part["findings"]],
    )


def _state_machine(aws: Aws, stack_name: str) -> str:
    described = aws.cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    for output in described.get("Outputs", []):
        if output["OutputKey"] == OUTPUT:
            return output["OutputValue"]
    raise StackError(f"the stack {stack_name} has no output {OUTPUT}")


def _run(aws: Aws, state_machine: str) -> str:
    started = aws.state_machines.start_execution(
        stateMachineArn=state_machine, name=f"audit-{secrets.token_hex(8)}", input="{}"
    )
    execution = started["executionArn"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        status = aws.state_machines.describe_execution(executionArn=execution)["status"]
        if status == "SUCCEEDED":
            return execution
        if status != "RUNNING":
            raise StackError(f"the audit is {status.lower()}: see the log of its function")
        time.sleep(POLL_SECONDS)
    raise StackError(f"the audit takes longer than {PATIENCE_SECONDS:.0f} s")


def _parts(aws: Aws, execution: str) -> Iterator[dict[str, Any]]:
    """Read what the function answered about every part out of the execution's history."""
    pages = aws.state_machines.get_paginator("get_execution_history").paginate(
        executionArn=execution, PaginationConfig={"PageSize": MAX_EVENTS}
    )
    for page in pages:
        for event in page["events"]:
            details = event.get("taskSucceededEventDetails")
            if details is not None:
                yield json.loads(details["output"])["Payload"]
