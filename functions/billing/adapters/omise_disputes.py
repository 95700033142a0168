"""Disputes at Omise (https://docs.omise.co/disputes-api): the payer's side, and ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from billing.adapters import omise_call
from billing.adapters.omise_errors import OmiseUnavailableError
from billing.adapters.secrets import OmiseSecrets
from billing.domain.charge import DisputeStatus, is_dispute_id


@dataclass(frozen=True, slots=True)
class DisputeFile:
    """A dispute as Omise keeps it; `amount` in satang, `message` what we said so far."""

    id: str
    status: DisputeStatus
    amount: int
    currency: str
    reason_code: str | None
    reason_message: str | None
    message: str | None
    created_at: str


class OmiseDisputes:
    """The disputes of one Omise account.

    Each method raises `OmiseRefusalError` if Omise refuses, and `OmiseUnavailableError` if it does
    not answer; saying the same again is harmless.

    Parameters
    ----------
    secrets
        Gives the keys, at each call anew.
    """

    def __init__(self, secrets: Callable[[], OmiseSecrets]) -> None:
        self._secrets = secrets

    def get(self, dispute_id: str) -> DisputeFile:
        """Fetch a dispute."""
        return _file(self._send("get", _path(dispute_id)))

    def answer(self, dispute_id: str, message: str) -> DisputeFile:
        """Tell our side; Omise passes it on to the bank, and the dispute is then pending."""
        return _file(self._send("patch", _path(dispute_id), {"message": message}))

    def accept(self, dispute_id: str) -> DisputeFile:
        """Let the payer have the money; the dispute is then lost."""
        return _file(self._send("patch", f"{_path(dispute_id)}/accept"))

    def _send(
        self, method: str, path: str, payload: Mapping[str, object] | None = None
    ) -> Mapping[str, Any]:
        return omise_call.send(self._secrets(), method, path, payload)


def _path(dispute_id: str) -> str:
    """Build a dispute's path; an id of any other form never gets into one."""
    if not is_dispute_id(dispute_id):
        raise ValueError("not a dispute's id")
    return f"disputes/{dispute_id}"


def _file(answer: Mapping[str, Any]) -> DisputeFile:
    try:
        return DisputeFile(
            id=str(answer["id"]),
            status=DisputeStatus(answer["status"]),
            amount=int(answer["amount"]),
            currency=str(answer["currency"]),
            reason_code=answer.get("reason_code"),
            reason_message=answer.get("reason_message"),
            message=answer.get("message"),
            created_at=str(answer["created_at"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise OmiseUnavailableError("not a dispute") from error
