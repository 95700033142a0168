"""What operators can ask a service for: by direct invocation, never unrecorded, never by nobody.

Event: `{"operation", "parameters", "proof", "correlation_id"}`; `proof` says who asks (see
`caller_identity`). Answer: `{"result": …}`, or `{"problem": {"code", "detail", …}}`.

A *look* is recorded before its result is handed out. An *act* records itself, in the transaction of
its effect where it has one; that it was refused is recorded here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel, Field

from kernel import clock, correlation
from kernel.errors import DomainError, OperationRefusedError
from kernel.idempotency import fingerprint
from kernel.ids import derived_id, new_id
from kernel.observability import logger, security_event
from kernel.operators.caller_identity import CallerUnknownError, verified_caller
from kernel.operators.log import Detail, OperatorLog, OperatorRecord
from kernel.validation import RequestModel, validated

Json = dict[str, Any]
Event = Mapping[str, Any]
ModelT = TypeVar("ModelT", bound=BaseModel)

_SUBJECTS: Final = ("adjustment_id", "purchase_id", "user_id", "request_id")


class OperationUnknownError(OperationRefusedError):
    """The service has no such operation."""

    code = "operation_unknown"


class NotConfirmedError(OperationRefusedError):
    """AWS does not confirm who asks."""

    code = "caller_unknown"


class Request(RequestModel):
    """The event."""

    operation: str
    parameters: dict[str, Any]
    proof: str
    correlation_id: Annotated[str, Field(pattern=f"^{correlation.PATTERN}$")]


@dataclass(frozen=True, slots=True)
class Call:
    """One operation that a known operator asks for."""

    operation: str
    operator: str
    at: datetime
    correlation_id: str
    parameters: Mapping[str, Any]

    def read(self, model: type[ModelT]) -> ModelT:
        """Read the parameters as a model.

        Raises
        ------
        ValidationFailedError
            With every finding.
        """
        return validated(model, self.parameters)

    def record(
        self,
        outcome: str,
        subject: str | None,
        *,
        reason: str | None = None,
        details: Mapping[str, Detail] | None = None,
    ) -> OperatorRecord:
        """Make the record of what became of it."""
        return OperatorRecord(
            id=derived_id("rec", self.correlation_id, self.operation, outcome),
            at=self.at,
            operator=self.operator,
            operation=self.operation,
            subject=subject,
            outcome=outcome,
            reason=reason,
            details=details or {},
        )


class Seen(NamedTuple):
    """What a look found, and about what or whom."""

    subject: str | None
    result: Json


@dataclass(frozen=True, slots=True)
class Look:
    """An operation that changes nothing."""

    run: Callable[[Call], Seen]


@dataclass(frozen=True, slots=True)
class Act:
    """An operation that changes something, and records that itself."""

    run: Callable[[Call], Json]


class Desk:
    """Answers operators.

    Parameters
    ----------
    operations
        What there is, by name.
    log
        Where everything is recorded.
    identify
        Says who stands behind a proof; STS by default.
    """

    def __init__(
        self,
        operations: Mapping[str, Look | Act],
        log: OperatorLog,
        identify: Callable[[str, str, str, datetime], str] = verified_caller,
    ) -> None:
        self._operations = operations
        self._log = log
        self._identify = identify

    def __call__(self, event: Event, context: Any) -> Json:  # noqa: ANN401  # Lambda's context
        """Handle an invocation; whatever goes wrong is an answer."""
        try:
            return {"result": self._answer(validated(Request, event), context)}
        except (DomainError, OperationRefusedError) as refusal:
            members = refusal.members if isinstance(refusal, DomainError) else {}
            return _problem(refusal.code, refusal.detail, members)
        except Exception:  # noqa: BLE001  # its text may hold what nobody should read
            logger.exception("unhandled")
            return _problem("internal_error", "Something went wrong; the log says what.", {})

    def _answer(self, request: Request, context: Any) -> Json:  # noqa: ANN401  # as above
        logger.set_correlation_id(request.correlation_id)
        call = self._call(request, context)
        operation = self._operations.get(request.operation)
        if operation is None:
            raise OperationUnknownError(f"There is no operation {request.operation[:40]!r}.")
        logger.info("operation", extra={"operation": call.operation, "operator": call.operator})
        try:
            return self._carried_out(operation, call)
        except (DomainError, OperationRefusedError) as refusal:
            self._log.append(call.record(refusal.code, _subject_of(call)))
            raise

    def _call(self, request: Request, context: Any) -> Call:  # noqa: ANN401  # as above
        now = clock.now()
        asked = request_hash(context.function_name, request.operation, request.parameters)
        account_id = context.invoked_function_arn.split(":")[4]
        try:
            operator = self._identify(request.proof, asked, account_id, now)
        except CallerUnknownError as error:
            security_event("OperatorRefused", "caller_unknown", detail=str(error))
            raise NotConfirmedError("AWS does not confirm who is asking.") from error
        return Call(request.operation, operator, now, request.correlation_id, request.parameters)

    def _carried_out(self, operation: Look | Act, call: Call) -> Json:
        if isinstance(operation, Act):
            return operation.run(call)
        seen = operation.run(call)
        self._log.append(call.record("shown", seen.subject))
        return seen.result


def request_hash(function_name: str, operation: str, parameters: Mapping[str, Any]) -> str:
    """Hash what a proof is good for: one function, one operation, these parameters."""
    return fingerprint(
        {"function": function_name, "operation": operation, "parameters": dict(parameters)}
    )


def look_at_log(log: OperatorLog) -> Look:
    """Make the operation that reads a service's operators' log."""

    def run(call: Call) -> Seen:
        asked = call.read(_LogQuery)
        page = log.month(asked.month, asked.before, asked.limit)
        records = [record.document() for record in page.records]
        return Seen(asked.month, {"records": records, "before": page.before})

    return Look(run)


def new_correlation_id() -> str:
    """Make the id of one invocation."""
    return new_id("cor")


class _LogQuery(RequestModel):
    month: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
    before: Annotated[str, Field(max_length=100)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 100


def _subject_of(call: Call) -> str | None:
    """Say what a refused call was about; what has no id, such as an address, is not told."""
    named = (call.parameters.get(name) for name in _SUBJECTS)
    return next((value[:80] for value in named if isinstance(value, str)), None)


def _problem(code: str, detail: str, members: Mapping[str, object]) -> Json:
    return {"problem": {"code": code, "detail": detail, **members}}
