"""Faults that the control API queues: each is used up in order, by the calls that it names."""

from typing import Final, Generic, Literal, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

ANY: Final = "*"

Effect = Literal["none", "error", "hang", "html_502", "drop_connection", "too_many_requests"]
ApiFaultKind = Literal[
    "timeout_before",
    "timeout_after",
    "error_before",
    "error_after",
    "too_many_requests",
    "slow",
    "drop_connection_before",
    "drop_connection_after",
    "html_502",
    "html_502_after",
]
WebhookFaultKind = Literal["drop", "double", "reorder", "late", "bad_signature"]

_EFFECTS: Final[dict[ApiFaultKind, Effect]] = {
    "timeout_before": "hang",
    "timeout_after": "hang",
    "error_before": "error",
    "error_after": "error",
    "too_many_requests": "too_many_requests",
    "slow": "none",
    "drop_connection_before": "drop_connection",
    "drop_connection_after": "drop_connection",
    "html_502": "html_502",
    "html_502_after": "html_502",
}
_MOST_TIMES: Final = 10_000
_LONGEST_DELAY_MS: Final = 600_000


class _Fault(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    times: int = Field(default=1, ge=1, le=_MOST_TIMES)

    def used_once(self) -> Self:
        """Return the fault with one use less."""
        return self.model_copy(update={"times": self.times - 1})


class ApiFault(_Fault):
    """Something that goes wrong with calls of the API.

    Attributes
    ----------
    operation
        The name of the call, such as ``create_charge``, or ``*`` for any.
    fault
        What goes wrong; ``…_before`` means that the call has no effect, ``…_after`` that it has.
    status
        Which error ``error_before`` and ``error_after`` answer with.
    delay_ms
        How long ``slow`` waits before the call, and a time-out before it cuts the connection.
    """

    operation: str = ANY
    fault: ApiFaultKind
    status: Literal[500, 503] = 503
    delay_ms: int = Field(default=60_000, ge=0, le=_LONGEST_DELAY_MS)

    @property
    def effect(self) -> Effect:
        """What the client sees instead of the answer."""
        return _EFFECTS[self.fault]

    @property
    def call_takes_effect(self) -> bool:
        """Whether the call is carried out."""
        return self.fault == "slow" or self.fault.endswith("_after")

    def concerns(self, operation: str) -> bool:
        """Tell whether the fault is meant for this call."""
        return self.operation in {operation, ANY}


class WebhookFault(_Fault):
    """Something that goes wrong with the delivery of an event.

    Attributes
    ----------
    fault
        ``drop``: never sent. ``double``: sent twice. ``reorder``: sent after the charge's next
        event. ``late``: sent after the delay. ``bad_signature``: signed for another body.
    event_key
        Which events, such as ``charge.complete``; any without it.
    delay_ms
        How long ``late`` waits, and ``reorder`` at most.
    """

    fault: WebhookFaultKind
    event_key: str = ANY
    delay_ms: int = Field(default=5_000, ge=0, le=_LONGEST_DELAY_MS)

    def concerns(self, event_key: str) -> bool:
        """Tell whether the fault is meant for this event."""
        return self.event_key in {event_key, ANY}


class _Queued(Protocol):
    @property
    def times(self) -> int: ...
    def concerns(self, name: str, /) -> bool: ...
    def used_once(self) -> Self: ...


F = TypeVar("F", bound=_Queued)


class FaultQueue(Generic[F]):
    """Faults waiting to happen, oldest first. In memory: a restart is the end of them."""

    def __init__(self) -> None:
        self._waiting: list[F] = []

    def add(self, fault: F) -> None:
        """Queue a fault behind the others."""
        self._waiting.append(fault)

    def take(self, name: str) -> F | None:
        """Use up and return the oldest fault that concerns a call or event, or none."""
        for index, fault in enumerate(self._waiting):
            if fault.concerns(name):
                left = fault.used_once()
                self._waiting[index : index + 1] = [left] if left.times else []
                return fault
        return None

    def waiting(self) -> tuple[F, ...]:
        """Return what has not happened yet."""
        return tuple(self._waiting)

    def clear(self) -> None:
        """Forget all of it."""
        self._waiting.clear()
