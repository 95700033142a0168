"""The commands of the control API, and reading them from a request."""

from typing import Final, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from local.omise_sandbox.disputes import Verdict
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.three_d_secure import Policy

FORM: Final = "application/x-www-form-urlencoded"

_MOST_LISTED: Final = 1_000
_MOST_REDELIVERIES: Final = 1_000
_LONGEST_ADVANCE_SECONDS: Final = 366 * 24 * 3600


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Redelivery(_Command):
    """Send an event again, so many times."""

    event: str
    times: int = Field(default=1, ge=1, le=_MOST_REDELIVERIES)


class ClockAdvance(_Command):
    """Move the clock forward."""

    advance_seconds: int = Field(ge=0, le=_LONGEST_ADVANCE_SECONDS)


class NewDispute(_Command):
    """Dispute a charge."""

    charge: str


class DisputeClosure(_Command):
    """Decide a dispute."""

    status: Verdict


class AccountSettings(_Command):
    """Change what is given of the account's settings."""

    three_d_secure: Policy | None = None
    webhook_url: str | None = None


class Payment(_Command):
    """Pay a charge (``late``: though it is over), or let it fail with a failure code."""

    outcome: Literal["pay", "fail"] = "pay"
    failure_code: str = "payment_rejected"
    late: bool = False


class LogQuery(_Command):
    """Which part of the delivery log is wanted."""

    event: str | None = None
    charge: str | None = None
    limit: int = Field(default=100, ge=1, le=_MOST_LISTED)
    offset: int = Field(default=0, ge=0)


C = TypeVar("C", bound=BaseModel)


async def read_command(request: web.Request, command: type[C]) -> C:
    """Return the command in a request's JSON or form.

    Raises
    ------
    OmiseError
        ``bad_request``: it makes no sense.
    """
    if request.content_type == FORM:
        return check_command(command, dict(await request.post()))
    try:
        return command.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise _refusal(error) from error


def check_command(command: type[C], fields: object) -> C:
    """Return the command that the fields are.

    Raises
    ------
    OmiseError
        ``bad_request``: they make no sense.
    """
    try:
        return command.model_validate(fields)
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> OmiseError:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return OmiseError("bad_request", f"{where}: {first['msg']}" if where else first["msg"])
