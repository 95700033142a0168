"""Request models: strict, closed, and every finding reported at once with a JSON pointer."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from kernel.errors import ValidationFailedError
from kernel.json_pointer import pointer


class RequestModel(BaseModel):
    """The base of every request body: no coercion, no unknown members, immutable."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


ModelT = TypeVar("ModelT", bound=BaseModel)


def validated(model: type[ModelT], value: object) -> ModelT:
    """Read a JSON value as a model.

    Raises
    ------
    ValidationFailedError
        With one finding per problem; the value itself never stands in it.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        findings = error.errors(include_url=False, include_context=False, include_input=False)
        raise ValidationFailedError(
            [
                {
                    "pointer": pointer(finding["loc"]),
                    "code": finding["type"],
                    "message": finding["msg"],
                }
                for finding in findings[: ValidationFailedError.most]
            ]
        ) from None
