"""The errors that Omise's API answers with, and their HTTP statuses.

Codes and statuses: https://docs.omise.co/api-errors. A used token is a 400 and an unknown one a
404, as in the responses that Omise's own client libraries have recorded.
"""

from typing import Final

STATUS_BY_CODE: Final[dict[str, int]] = {
    "authentication_failure": 401,
    "bad_request": 400,
    "expired_charge": 400,
    "failed_capture": 400,
    "failed_expire": 400,
    "failed_refund": 400,
    "failed_reverse": 400,
    "internal_error": 500,
    "invalid_card": 400,
    "invalid_charge": 400,
    "invalid_filters": 400,
    "invalid_page": 400,
    "missing_card": 400,
    "not_found": 404,
    "service_unavailable": 503,
    "too_many_requests": 429,
    "used_token": 400,
}


class OmiseError(Exception):
    """A request that Omise refuses.

    Parameters
    ----------
    code
        Omise's error code, a key of `STATUS_BY_CODE`.
    message
        What Omise tells the client's developer.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS_BY_CODE[self.code]

    def document(self) -> dict[str, object]:
        """Return Omise's error object."""
        return {
            "object": "error",
            "location": f"https://www.omise.co/api-errors#{self.code.replace('_', '-')}",
            "code": self.code,
            "message": self.message,
        }


def not_found(kind: str, identifier: str) -> OmiseError:
    """Return the error for an object that this account does not have."""
    return OmiseError("not_found", f"{kind} {identifier} was not found")
