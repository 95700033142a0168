"""The root of every error that a caller of the API can act on."""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable code.

    Subclasses live beside the rule that they enforce and set `code`; `kernel.problem` maps each
    code to exactly one HTTP status.

    Parameters
    ----------
    detail
        One sentence for a person; never holds a secret, a table name or an AWS message.
    **members
        Extension members of the problem document (RFC 9457, section 3.2), for programs.
    """

    code: ClassVar[str]

    def __init__(self, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members


class OperationRefusedError(Exception):
    """What an operator must not do; nothing was changed.

    Not a `DomainError`: these never reach the public API, whose document lists all of its errors.

    Parameters
    ----------
    detail
        One sentence for the operator.
    """

    code: ClassVar[str]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class TemporarilyUnavailableError(DomainError):
    """Something that was needed did not answer; the same request may succeed later."""

    code = "temporarily_unavailable"


class ValidationFailedError(DomainError):
    """The request is well-formed JSON, but not what the contract asks for.

    Parameters
    ----------
    errors
        One object per finding: `pointer` (RFC 6901), `code` and `message`. The first 50 are told.
    """

    code = "validation_failed"
    most = 50

    def __init__(self, errors: list[dict[str, str]]) -> None:
        told = errors[: self.most]
        noun = "field is" if len(told) == 1 else "fields are"
        super().__init__(f"{len(told)} {noun} not valid.", errors=told)
        self.findings = tuple(told)

    @classmethod
    def at(cls, pointer: str, code: str, message: str) -> ValidationFailedError:
        """Make the error for a single finding."""
        return cls([{"pointer": pointer, "code": code, "message": message}])
