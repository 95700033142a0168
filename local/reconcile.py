"""`make reconcile`: compare Omise's books with ours, now, and print the report."""

import json
import time

from local import stack
from local.aws import Aws
from local.layout import STACK_NAME, Layout
from local.stack_file import StackFile
from local.steps import StackError

PATIENCE_SECONDS = 600
POLL_SECONDS = 0.3


def reconcile(layout: Layout) -> None:
    """Run the reconciliation of the running stack and print what it found.

    Raises
    ------
    StackError
        No stack runs, the reconciliation did not come to its end, or it found something that it
        could not heal.
    """
    if not stack.is_running(layout):
        raise StackError("no stack runs: `make run` starts it")
    aws = Aws(StackFile.read(layout.stack_file).aws_endpoint_url)
    outputs = _outputs(aws)
    key = _report_key(aws, outputs["ReconciliationArn"])
    page = _text(aws, outputs["ReportsBucketName"], key)
    print(page)
    if "**no**" in page:
        raise StackError("there are differences that need a person")


def _outputs(aws: Aws) -> dict[str, str]:
    described = aws.cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def _report_key(aws: Aws, machine: str) -> str:
    """Run the state machine to its end and return where its report is."""
    execution = aws.state_machines.start_execution(stateMachineArn=machine)["executionArn"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        described = aws.state_machines.describe_execution(executionArn=execution)
        if described["status"] == "SUCCEEDED":
            return str(json.loads(described["output"])["part"]["report"])
        if described["status"] != "RUNNING":
            raise StackError(f"the reconciliation {described['status'].lower()}: {execution}")
        time.sleep(POLL_SECONDS)
    raise StackError(f"the reconciliation was not over within {PATIENCE_SECONDS} s")


def _text(aws: Aws, bucket: str, key: str) -> str:
    return aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
