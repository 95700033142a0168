"""The commands. Each asks a service, waits where there is something to wait for, and tells."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Final

from kernel.clock import now, parse_rfc3339
from operator_cli import parked
from operator_cli.terminal import Json, Operator, good_end

Command = Callable[[Operator, Namespace], Json]

IDENTITY: Final = "IdentityOperationsName"
BILLING: Final = "BillingOperationsName"
DISPUTES: Final = "BillingDisputeName"
WORKFLOWS: Final = "WorkflowsOperationsName"
_REPLAYED: Final = {
    "purchases": (BILLING, "BillingParkedUrl"),
    "runs": (WORKFLOWS, "WorkflowsParkedUrl"),
}
_LOGS: Final = {"identity": IDENTITY, "billing": BILLING, "workflows": WORKFLOWS}


def find_user(operator: Operator, given: Namespace) -> Json:
    """Find a user by e-mail address; one that is typed when asked for is in no shell's history."""
    if given.email is None:
        operator.note("e-mail address:")
    email = given.email if given.email is not None else input()
    return operator.services.ask(IDENTITY, "find_user", {"email": email.strip()})


def adjust(operator: Operator, given: Namespace) -> Json:
    """Give or take credits."""
    operator.services.ask(IDENTITY, "show_user", {"user_id": given.user_id})
    verb = "give" if given.credits > 0 else "take"
    preposition = "to" if given.credits > 0 else "from"
    what = f"{verb} {abs(given.credits)} credits {preposition} {given.user_id}"
    operator.confirm(f"{what}: {given.reason}")
    return operator.services.ask(
        BILLING,
        "adjust",
        {
            "adjustment_id": operator.named("adj", given.id),
            "user_id": given.user_id,
            "credits": given.credits,
            "reason": given.reason,
            "four_eyes": given.four_eyes,
        },
    )


def approve(operator: Operator, given: Namespace) -> Json:
    """Let a requested adjustment take effect."""
    about = {"adjustment_id": given.adjustment_id}
    found = operator.services.ask(BILLING, "show_adjustment", about)
    what = "{credits:+} credits for {user_id}, asked for by {requested_by}: {reason}"
    operator.confirm(f"approve {what.format(**found)}")
    return operator.services.ask(BILLING, "approve", about)


def reject(operator: Operator, given: Namespace) -> Json:
    """Decide that a requested adjustment does not take effect."""
    operator.confirm(f"reject {given.adjustment_id}: {given.reason}")
    about = {"adjustment_id": given.adjustment_id, "reason": given.reason}
    return operator.services.ask(BILLING, "reject", about)


def refund(operator: Operator, given: Namespace) -> Json:
    """Give a payment back, wholly or in part, and wait until it is done."""
    how_much = "all that is left" if given.amount == "all" else f"{given.amount} satang"
    forced = ", spent credits become debt" if given.force else ""
    operator.confirm(f"refund {how_much} of {given.purchase_id}{forced}: {given.reason}")
    request_id = operator.named("req", given.id)
    about = {"purchase_id": given.purchase_id, "amount": given.amount, "reason": given.reason}
    order = {"request_id": request_id, **about, "force": given.force}
    operator.services.ask(BILLING, "refund", order)
    told = operator.awaited(BILLING, "refund", request_id, given.wait)
    return good_end(told, good=told["outcome"] == "captured")


def answer_dispute(operator: Operator, given: Namespace) -> Json:
    """Tell the payer's bank our side."""
    operator.confirm(f"answer the dispute about {given.purchase_id}: {given.message}")
    about = {"purchase_id": given.purchase_id, "message": given.message}
    return operator.services.ask(DISPUTES, "answer_dispute", about)


def accept_dispute(operator: Operator, given: Namespace) -> Json:
    """Let the payer have the money."""
    operator.confirm(f"accept the dispute about {given.purchase_id}: {given.reason}")
    about = {"purchase_id": given.purchase_id, "reason": given.reason}
    return operator.services.ask(DISPUTES, "accept_dispute", about)


def replay(operator: Operator, given: Namespace) -> Json:
    """Start whatever was stored and never began, and clear the queue that said so."""
    service, queue = _REPLAYED[given.what]
    operator.confirm(f"start all {given.what} that never began: {given.reason}")
    told = _run(operator, given, service, "replay")
    handled_before = parse_rfc3339(told["handled_before"])
    url = operator.target.output(queue)
    deleted, left = parked.clear(operator.target.client("sqs"), url, handled_before)
    return {**told, "messages_cleared": deleted, "messages_left": left}


def reconcile(operator: Operator, given: Namespace) -> Json:
    """Compare Omise's charges with the purchases, now."""
    told = _run(operator, given, BILLING, "reconcile")
    return good_end(told, good=told["difference_count"] == told["healed_count"])


def audit(operator: Operator, given: Namespace) -> Json:
    """Verify every ledger, now."""
    told = _run(operator, given, BILLING, "audit")
    return good_end(told, good=told["finding_count"] == 0)


def log(operator: Operator, given: Namespace) -> Json:
    """Show what operators did in a month, newest first."""
    about: Json = {"month": given.month or now().strftime("%Y-%m"), "limit": given.limit}
    if given.before:
        about["before"] = given.before
    return operator.services.ask(_LOGS[given.service], "show_log", about)


def looking(service: str, operation: str, *names: str) -> Command:
    """Make a command that shows something, by the arguments of these names."""

    def look(operator: Operator, given: Namespace) -> Json:
        values = {name: getattr(given, name) for name in names}
        about = {name: value for name, value in values.items() if value is not None}
        return operator.services.ask(service, operation, about)

    return look


def _run(operator: Operator, given: Namespace, service: str, operation: str) -> Json:
    request_id = operator.named("req", given.id)
    about = {"request_id": request_id, "reason": given.reason}
    operator.services.ask(service, operation, about)
    told = operator.awaited(service, operation, request_id, given.wait)
    return good_end(told, good=told["status"] == "succeeded")


COMMANDS: Final[Mapping[str, Command]] = {
    "find-user": find_user,
    "show-user": looking(IDENTITY, "show_user", "user_id"),
    "show-account": looking(BILLING, "show_account", "user_id"),
    "show-ledger": looking(BILLING, "show_ledger", "user_id", "before", "limit"),
    "show-purchases": looking(BILLING, "show_purchases", "user_id"),
    "show-purchase": looking(BILLING, "show_purchase", "purchase_id"),
    "show-adjustment": looking(BILLING, "show_adjustment", "adjustment_id"),
    "adjust": adjust,
    "approve": approve,
    "reject": reject,
    "refund": refund,
    "show-dispute": looking(DISPUTES, "show_dispute", "purchase_id"),
    "answer-dispute": answer_dispute,
    "accept-dispute": accept_dispute,
    "replay": replay,
    "reconcile": reconcile,
    "audit": audit,
    "log": log,
}
