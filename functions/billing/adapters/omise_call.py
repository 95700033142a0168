"""One call of Omise, counted where no answer comes, since an alarm listens to that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.adapters.omise_errors import OmiseUnavailableError
from billing.adapters.secrets import OmiseSecrets
from kernel.observability import count


def send(
    secrets: OmiseSecrets, method: str, path: str, payload: Mapping[str, object] | None = None
) -> Mapping[str, Any]:
    """Send a request and return the answer.

    Raises
    ------
    OmiseRefusalError
        If Omise refuses.
    OmiseUnavailableError
        If Omise does not answer.
    """
    # With `requests` it takes longer to import than all the rest, and a function that refuses a
    # forged event, or answers from its own table, does without.
    from billing.adapters.omise_request import OmiseRequest  # noqa: PLC0415

    try:
        return OmiseRequest(secrets.secret_key, secrets.api_url).send(method, path, payload)
    except OmiseUnavailableError:
        count("OmiseCallsFailed")
        raise
