"""The wire between the engine and what is outside of it: every call can be watched and cut."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from billing.adapters import saga_signals
from kernel import dynamodb
from local.aws import Aws
from local.layout import ACCOUNT, REGION


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the outside.

    Parameters
    ----------
    service, operation
        What is called, such as `dynamodb` and `TransactWriteItems`.
    request
        Its parameters; they may be added to before it is sent.
    send
        Sends it and returns the answer.
    """

    service: str
    operation: str
    request: dict[str, Any]
    send: Callable[[], Any]


Behaviour = Callable[[Call], Any]


def undisturbed(call: Call) -> Any:  # noqa: ANN401  # whatever the call answers
    """Send a call and return its answer."""
    return call.send()


class Wire:
    """Carries every call as its behaviour says."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = undisturbed

    def carry(self, call: Call) -> Any:  # noqa: ANN401  # whatever the call answers
        """Carry a call."""
        return self.behaviour(call)

    @contextmanager
    def behaving(self, behaviour: Behaviour) -> Iterator[None]:
        """Behave in some way for as long as the block takes."""
        before, self.behaviour = self.behaviour, behaviour
        try:
            yield
        finally:
            self.behaviour = before


@contextmanager
def wired(aws: Aws) -> Iterator[Wire]:
    """Lead the engine's own AWS clients through a wire to an emulator."""
    wire = Wire()
    environment = {
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    clients: dict[str, Any] = {"dynamodb": dynamodb.client, "stepfunctions": saga_signals.client}
    with mock.patch.dict(os.environ, environment):
        for service, client in clients.items():
            client.cache_clear()
            _lead(service, client(), wire)
        yield wire
    for client in clients.values():
        client.cache_clear()


def _lead(service: str, client: Any, wire: Wire) -> None:  # noqa: ANN401  # one of our clients
    """Put the wire where every call of a client goes through."""
    send = client.call

    def carried(operation: str, request: dict[str, Any]) -> Any:  # noqa: ANN401  # any answer
        return wire.carry(Call(service, operation, request, lambda: send(operation, request)))

    client.call = carried
