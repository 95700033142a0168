"""Problem details for HTTP APIs (RFC 9457): the one table of codes and the one renderer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

CONTENT_TYPE = "application/problem+json"
TYPE_BASE = "https://errors.credit-engine.dev/"


class Kind(NamedTuple):
    """What a code means on the wire: its HTTP status and its title."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    "account_busy": Kind(503, "Account busy"),
    "automation_not_found": Kind(404, "Automation not found"),
    "card_data_refused": Kind(422, "Card data refused"),
    "email_taken": Kind(409, "E-mail address taken"),
    "idempotency_key_invalid": Kind(400, "Idempotency key invalid"),
    "idempotency_key_missing": Kind(400, "Idempotency key missing"),
    "idempotency_key_reused": Kind(422, "Idempotency key reused"),
    "insufficient_credits": Kind(402, "Insufficient credits"),
    "internal_error": Kind(500, "Internal error"),
    "invalid_credentials": Kind(401, "Invalid credentials"),
    "invalid_cursor": Kind(400, "Invalid cursor"),
    "invalid_refresh_token": Kind(401, "Invalid refresh token"),
    "malformed_json": Kind(400, "Malformed JSON"),
    "method_not_allowed": Kind(405, "Method not allowed"),
    "package_not_found": Kind(404, "Package not found"),
    "payload_too_large": Kind(413, "Payload too large"),
    "purchase_not_found": Kind(404, "Purchase not found"),
    "route_not_found": Kind(404, "Route not found"),
    "run_not_found": Kind(404, "Run not found"),
    "temporarily_unavailable": Kind(503, "Temporarily unavailable"),
    "too_many_attempts": Kind(429, "Too many attempts"),
    "too_many_requests": Kind(429, "Too many requests"),
    "unauthorized": Kind(401, "Unauthorized"),
    "validation_failed": Kind(422, "Validation failed"),
    "version_conflict": Kind(412, "Version conflict"),
    "webhook_rejected": Kind(401, "Webhook rejected"),
    "workflow_archived": Kind(409, "Workflow archived"),
    "workflow_name_taken": Kind(409, "Workflow name taken"),
    "workflow_not_found": Kind(404, "Workflow not found"),
    "workflow_not_owned": Kind(403, "Workflow not owned"),
}


def document(
    code: str, detail: str, correlation_id: str, members: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Build the problem document of a code.

    Parameters
    ----------
    code
        One of `KINDS`.
    detail
        One sentence for a person.
    correlation_id
        The id under which the logs hold this request.
    members
        Extension members (RFC 9457, section 3.2).
    """
    kind = KINDS[code]
    return {
        "type": f"{TYPE_BASE}{code}",
        "title": kind.title,
        "status": kind.status,
        "code": code,
        "detail": detail,
        "correlation_id": correlation_id,
        **(members or {}),
    }
