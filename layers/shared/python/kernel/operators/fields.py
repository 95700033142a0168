"""What operators' calls say everywhere: strict and bounded, since it is stored for good."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from kernel.ids import is_id
from kernel.operators.log import MAX_REASON_LENGTH


def stripped(text: str) -> str:
    """Take the space around a text off; refuse one that is nothing else."""
    kept = text.strip()
    if not kept:
        raise ValueError("must not be empty")
    return kept


def an_id(prefix: str) -> AfterValidator:
    """Let only ids of a kind through."""

    def checked(value: str) -> str:
        if not is_id(prefix, value):
            raise ValueError(f"must be an id that begins with {prefix}_")
        return value

    return AfterValidator(checked)


RequestId = Annotated[str, an_id("req")]
Reason = Annotated[str, Field(max_length=MAX_REASON_LENGTH), AfterValidator(stripped)]
