"""Omise's operations: path, name, keys, and what each one answers.

The names are those that the control API's faults use. An operation is one synchronous function,
so nothing else happens between its first read and its last write.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from local.omise_sandbox import account, charge_operations, dispute_operations
from local.omise_sandbox.call import Answer, Call

Handler = Callable[[Call], Answer]

SECRET: Final = frozenset({"secret"})
PUBLIC: Final = frozenset({"public"})
EITHER: Final = SECRET | PUBLIC


@dataclass(frozen=True, slots=True)
class Operation:
    """A route of Omise's API or vault.

    Attributes
    ----------
    name
        What faults call it.
    keys
        Which of the account's keys open it.
    """

    method: str
    path: str
    name: str
    handler: Handler
    keys: frozenset[str] = SECRET


OPERATIONS: Final = (
    Operation("POST", "/charges", "create_charge", charge_operations.create),
    Operation("GET", "/charges", "list_charges", charge_operations.list_all),
    Operation("GET", "/charges/{charge}", "retrieve_charge", charge_operations.retrieve),
    Operation("PATCH", "/charges/{charge}", "update_charge", charge_operations.update),
    Operation("POST", "/charges/{charge}/capture", "capture_charge", charge_operations.capture),
    Operation("POST", "/charges/{charge}/expire", "expire_charge", charge_operations.expire),
    Operation("POST", "/charges/{charge}/reverse", "reverse_charge", charge_operations.reverse),
    Operation(
        "POST", "/charges/{charge}/mark_as_paid", "mark_as_paid", charge_operations.mark_as_paid
    ),
    Operation(
        "POST",
        "/charges/{charge}/mark_as_failed",
        "mark_as_failed",
        charge_operations.mark_as_failed,
    ),
    Operation(
        "GET", "/charges/{charge}/events", "list_charge_events", charge_operations.list_events
    ),
    Operation(
        "POST", "/charges/{charge}/refunds", "create_refund", charge_operations.create_refund
    ),
    Operation("GET", "/charges/{charge}/refunds", "list_refunds", charge_operations.list_refunds),
    Operation(
        "GET",
        "/charges/{charge}/refunds/{refund}",
        "retrieve_refund",
        charge_operations.retrieve_refund,
    ),
    Operation("POST", "/charges/{charge}/disputes", "create_dispute", dispute_operations.create),
    Operation("GET", "/disputes", "list_disputes", dispute_operations.list_all),
    Operation("GET", "/disputes/open", "list_disputes", dispute_operations.list_open),
    Operation("GET", "/disputes/pending", "list_disputes", dispute_operations.list_pending),
    Operation("GET", "/disputes/closed", "list_disputes", dispute_operations.list_closed),
    Operation("GET", "/disputes/{dispute}", "retrieve_dispute", dispute_operations.retrieve),
    Operation("PATCH", "/disputes/{dispute}", "update_dispute", dispute_operations.update),
    Operation("PATCH", "/disputes/{dispute}/accept", "accept_dispute", dispute_operations.accept),
    Operation("POST", "/tokens", "create_token", account.create_token, PUBLIC),
    Operation("GET", "/tokens/{token}", "retrieve_token", account.retrieve_token, PUBLIC),
    Operation("POST", "/sources", "create_source", account.create_source, EITHER),
    Operation("GET", "/sources/{source}", "retrieve_source", account.retrieve_source, EITHER),
    Operation("GET", "/events", "list_events", account.list_events),
    Operation("GET", "/events/{event}", "retrieve_event", account.retrieve_event),
    Operation("GET", "/capability", "retrieve_capability", account.capability, EITHER),
    Operation("GET", "/account", "retrieve_account", account.account),
)
