"""What an operator may ask for: the input of the refund's state machine."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from billing.domain.operator_refund import RefundOrder, RefundRefusedError
from kernel.ids import is_id
from kernel.json_pointer import pointer
from kernel.observability import logger
from kernel.operators.fields import Reason
from kernel.operators.log import MAX_OPERATOR_LENGTH
from kernel.validation import RequestModel


class _RefundRequest(RequestModel):
    """The input: closed, strict, and bounded, since it is stored on the purchase."""

    purchase_id: str
    amount: Annotated[int, Field(ge=1)] | Literal["all"]
    operator: Annotated[str, Field(min_length=1, max_length=MAX_OPERATOR_LENGTH)]
    reason: Reason
    force: bool = False


def order_of(request_id: str, given: Any) -> RefundOrder:  # noqa: ANN401  # whatever was sent
    """Read what an operator asks for.

    Parameters
    ----------
    request_id
        The execution's name.
    given
        The execution's input.

    Raises
    ------
    RefundRefusedError
        `invalid_request`; the log says where.
    """
    try:
        asked = _RefundRequest.model_validate(given)
    except ValidationError as error:
        where = [pointer(finding["loc"]) for finding in error.errors(include_input=False)]
        logger.warning("refund request invalid", extra={"pointers": where})
        raise RefundRefusedError("invalid_request") from None
    if not is_id("pur", asked.purchase_id):
        raise RefundRefusedError("purchase_not_found")
    return RefundOrder(
        request_id=request_id,
        purchase_id=asked.purchase_id,
        amount=None if asked.amount == "all" else asked.amount,
        operator=asked.operator,
        reason=asked.reason,
        force=asked.force,
    )
