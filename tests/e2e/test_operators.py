"""Operators at the deployed stack, by their command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from kernel.ids import new_id
from local.layout import HERE, Layout
from local.stack_file import StackFile
from tests.e2e.aws import Operator
from tests.e2e.session import TEST_INSTANCE, Session

pytestmark = pytest.mark.e2e
Json = dict[str, Any]
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Terminal:
    """An operator's terminal, with the AWS credentials in its environment."""

    credentials: Mapping[str, str] = field(default_factory=dict)

    def run(self, *line: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command."""
        file = os.environ.get("STACK_FILE") or str(Layout.of_instance(TEST_INSTANCE).stack_file)
        options = ("--json", "--yes", "--stack-file", file)
        return subprocess.run(  # noqa: S603  # our own command
            [sys.executable, "-m", "operator_cli", *line, *options],
            cwd=HERE.root,
            env={**os.environ, **self.credentials},
            input=given,
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    def told(self, *line: str, given: str = "") -> Json:
        """Run a command that must succeed, and return what it prints."""
        ended = self.run(*line, given=given)
        assert ended.returncode == 0, ended
        return dict(json.loads(ended.stdout))


@contextmanager
def tampered_with(user: Session, entry_no: int, **values: Any) -> Iterator[None]:  # noqa: ANN401  # DynamoDB's
    """Change a ledger entry as only somebody with the table's own rights can, for a while."""
    dynamodb = Operator(user.stack).client("dynamodb")
    table = user.stack.table_names["billing"]
    key = {"pk": {"S": f"LEDGER#{user.user_id}"}, "sk": {"S": f"{entry_no:012}"}}
    stored = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
    dynamodb.put_item(TableName=table, Item={**stored, **values})
    try:
        yield
    finally:
        dynamodb.put_item(TableName=table, Item=stored)


@pytest.fixture
def new_operator(stack: StackFile) -> Callable[[], Terminal]:
    """Make IAM users with keys of their own."""
    iam = Operator(stack).client("iam")

    def make() -> Terminal:
        name = new_id("opr")
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Terminal(
            {
                "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            }
        )

    return make


@pytest.fixture
def terminal(new_operator: Callable[[], Terminal]) -> Terminal:
    """Be one operator."""
    return new_operator()


def logged(terminal: Terminal, service: str, subject: str) -> list[tuple[str, str]]:
    """Return operation and outcome of the records about something, oldest first."""
    records = terminal.told("log", service)["records"]
    found = [one for one in records if one["subject"] == subject]
    return [(one["operation"], one["outcome"]) for one in reversed(found)]


def test_a_user_is_found_by_address_and_no_log_knows_it(user: Session, terminal: Terminal) -> None:
    """Given an address typed in capitals, its user is shown; nothing that is kept has it."""
    found = terminal.told("find-user", given=f"{user.email.upper()}\n")
    assert (found["id"], found["email"]) == (user.user_id, user.email)
    assert logged(terminal, "identity", user.user_id) == [("find_user", "shown")]
    lines = [line for line in Operator(user.stack).log_lines() if user.email in line.lower()]
    assert lines == []


def test_i02_an_adjustment_happens_once(user: Session, terminal: Terminal) -> None:
    """I02: given the same id three times, credits, entry and effect are there once."""
    adjust = ("adjust", user.user_id, "50", "--reason", "our fault", "--id", new_id("adj"))
    first, *repeated = (terminal.told(*adjust) for _ in range(3))
    assert (first["state"], repeated) == ("applied", [first, first])
    (entry,) = user.engine.ledger()
    assert (entry["type"], entry["amount"]) == ("adjustment", 50)
    assert entry["reference"] == {"kind": "adjustment", "id": first["id"]}
    assert logged(terminal, "billing", first["id"]) == [
        ("adjust", "applied"),
        ("adjust", "repeated"),
        ("adjust", "repeated"),
    ]


def test_four_eyes_are_two_identities(user: Session, new_operator: Callable[[], Terminal]) -> None:
    """Given a request of one operator, AWS's word for another one is needed, and recorded."""
    first, second = new_operator(), new_operator()
    asked = first.told("adjust", user.user_id, "7", "--four-eyes", "--reason", "our fault")
    assert (asked["state"], user.engine.account()["balance"]) == ("requested", 0)

    own = first.run("approve", asked["id"])
    assert (own.returncode, "second_operator_needed" in own.stderr) == (1, True), own
    assert user.engine.account()["balance"] == 0

    approved = second.told("approve", asked["id"])
    assert approved["state"] == "applied"
    assert approved["requested_by"] != approved["decided_by"]
    assert user.engine.account()["balance"] == 7
    assert logged(first, "billing", asked["id"])[-3:] == [
        ("approve", "second_operator_needed"),
        ("show_adjustment", "shown"),
        ("approve", "applied"),
    ]


def test_what_is_not_there_is_not_taken(user: Session, terminal: Terminal) -> None:
    """Given an empty account, the refusal says how much is missing, and nothing changed."""
    ended = terminal.run("adjust", user.user_id, "-5", "--reason", "a mistake")
    assert (ended.returncode, "insufficient_credits" in ended.stderr) == (1, True), ended
    assert user.engine.ledger() == []


def test_nobody_is_adjusted_who_does_not_exist(user: Session, terminal: Terminal) -> None:
    """Given an id that no user has, there will be no account for it."""
    ended = terminal.run("adjust", new_id("usr"), "5", "--reason", "a mistake")
    assert (ended.returncode, "user_not_found" in ended.stderr) == (1, True), ended
    assert user.engine.account()["balance"] == 0


def test_a_refund_is_made_in_the_operators_name(user: Session, terminal: Terminal) -> None:
    """Given half of a purchase, its credits are gone, and the purchase names who AWS says."""
    purchase = user.completed_by_card()
    refund = ("refund", purchase["id"], "--amount", "4490", "--reason", "twice")
    told = terminal.told(*refund)
    assert (told["status"], told["outcome"]) == ("succeeded", "captured")
    assert user.engine.account()["balance"] == 495
    shown = terminal.told("show-purchase", purchase["id"])
    (made,) = shown["refunds"]
    assert (made["request_id"], made["state"], made["reason"]) == (told["id"], "refunded", "twice")
    assert made["operator"].startswith("arn:aws:iam::")
    again = terminal.told(*refund, "--id", told["id"])
    assert (again["outcome"], user.engine.account()["balance"]) == ("captured", 495)
    assert [outcome for _, outcome in logged(terminal, "billing", told["id"])] == [
        "asked",
        "succeeded",
        "asked",
    ]


def test_a_refund_that_cannot_be_made_is_exit_1(user: Session, terminal: Terminal) -> None:
    """Given a PromptPay purchase, the reason is told."""
    purchase = user.buy_credits("starter")
    ended = terminal.run("refund", purchase["id"], "--all", "--reason", "twice")
    assert ended.returncode == 1, ended
    told = json.loads(ended.stdout)
    assert (told["outcome"], told["reason"]) == ("refused", "promptpay")


def test_a_dispute_is_answered_and_accepted(user: Session, terminal: Terminal) -> None:
    """Given a dispute, our answer reaches Omise; given up, the credits go."""
    purchase = user.completed_by_card()
    user.omise("POST", f"/charges/{purchase['payment']['charge_id']}/disputes")
    user.until_status(purchase, "disputed")
    message = "The credits were spent on 12 runs."
    answered = terminal.told("answer-dispute", purchase["id"], "--message", message)
    assert (answered["status"], answered["message"]) == ("pending", message)
    accepted = terminal.told("accept-dispute", purchase["id"], "--reason", "stolen card")
    assert accepted["status"] == "lost"
    user.until_status(purchase, "refunded")
    assert user.engine.account()["balance"] == 0


def test_l13_a_changed_entry_is_named_and_nothing_else(
    user: Session, new_user: Callable[[], Session], terminal: Terminal
) -> None:
    """L13: sound ledgers verify; given a credit more in an entry, the audit names that alone."""
    for buyer in (user, new_user()):
        buyer.buy_credits("starter")
    workflow = user.engine.create_workflow("Sum", "csv-summary", {"csv": "a\n1\n"})
    for _ in range(3):
        user.finished(user.engine.run(workflow["id"]))
    audit = ("audit", "--reason", "a test")
    assert terminal.told(*audit)["finding_count"] == 0
    with tampered_with(user, 3, amount={"N": "-9"}):
        ended = terminal.run(*audit)
    assert ended.returncode == 1, ended
    findings = json.loads(ended.stdout)["findings"]
    assert {(one["user_id"], one["entry_no"]) for one in findings} == {(user.user_id, 3)}


def test_the_books_are_compared_on_demand(user: Session, terminal: Terminal) -> None:
    """Given books that agree, or that could be made to, that ends well."""
    user.buy_credits("starter")
    ended = terminal.run("reconcile", "--reason", "a test")
    compared = json.loads(ended.stdout)
    left = compared["difference_count"] - compared["healed_count"]
    assert ended.returncode == (1 if left else 0), ended  # other tests leave differences behind


@pytest.mark.parametrize(
    ("what", "output"), [("purchases", "BillingParkedUrl"), ("runs", "WorkflowsParkedUrl")]
)
def test_a_replay_sweeps_and_leaves_what_is_too_young(
    stack: StackFile, terminal: Terminal, what: str, output: str
) -> None:
    """Given a dead letter of this moment, the sweep runs, and the letter stays for the next one."""
    operator = Operator(stack)
    operator.client("sqs").send_message(QueueUrl=operator.outputs[output], MessageBody="{}")
    told = terminal.told("replay", what, "--reason", "the dispatcher was down")
    assert (told["status"], told["messages_left"] >= 1) == ("succeeded", True)
    operator.client("sqs").purge_queue(QueueUrl=operator.outputs[output])
