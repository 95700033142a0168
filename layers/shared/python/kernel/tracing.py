"""What a function calls, and what it is about, as subsegments of its X-Ray trace.

Lambda traces the function itself; each call out is sent to the daemon that runs beside it, in one
datagram (X-Ray, "segment documents" and "sending trace data to the daemon"). AWS' own SDK for that
costs a cold start a third of what boto3 does, whether or not the request is sampled; this costs
nothing where no trace is sampled, and in no case a request's success.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Literal, TypedDict, TypeVar

Document = dict[str, Any]
ClientT = TypeVar("ClientT")

_TRACE: Final = "_X_AMZN_TRACE_ID"  # Lambda sets it anew for every invocation
_DAEMON: Final = "AWS_XRAY_DAEMON_ADDRESS"
_HEADER: Final = '{"format":"json","version":1}\n'
_MAX_DATAGRAM_BYTES: Final = 64 * 1024
_BAD_REQUEST: Final = 400
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_OPEN: Final = "kernel.tracing"


class HandedOn(TypedDict, total=False):
    """The argument of `start_execution` that makes an execution part of the caller's trace."""

    traceHeader: str


def handed_on() -> HandedOn:
    """Hand the invocation's trace on to a state machine; nothing where there is no trace."""
    header = os.environ.get(_TRACE)
    return {"traceHeader": header} if header else {}


@contextmanager
def subsegment(
    name: str, namespace: Literal["aws", "remote"], **about: Mapping[str, object]
) -> Iterator[None]:
    """Trace what is done inside, where the trace is sampled.

    Parameters
    ----------
    name
        Who is called: `KMS`, `Omise`.
    namespace
        Whether that is AWS, or somebody else.
    **about
        Blocks of the segment document: `aws` or `http`. Nothing in them may be secret.
    """
    document = _begun(name, namespace=namespace, **about)
    try:
        yield
    except BaseException:
        _finish(document, fault=True)
        raise
    _finish(document)


def follow(client: ClientT) -> ClientT:
    """Trace every call of a boto3 client, from now on; returns it."""
    events = client.meta.events  # type: ignore[attr-defined]  # every client has them
    events.register("before-parameter-build", _before_call)
    events.register("after-call", _after_call)
    events.register("after-call-error", _after_failed_call)
    return client


def annotate(**ids: str | None) -> None:
    """Make the trace findable: `annotation.purchase_id = "pur_…"` in the X-Ray console.

    The function's own segment is Lambda's, so the ids sit on a subsegment without duration.
    """
    known = {name: value for name, value in ids.items() if value}
    if known:
        _finish(_begun("about", annotations=known))


def _before_call(model: Any, context: Document, **_: object) -> None:  # noqa: ANN401  # botocore's
    service = model.service_model.service_id
    context[_OPEN] = _begun(service, namespace="aws", aws={"operation": model.name})


def _after_call(parsed: Mapping[str, Any], context: Document, **_: object) -> None:
    status = parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    _finish(context.pop(_OPEN, None), **_verdict(status))


def _after_failed_call(context: Document, **_: object) -> None:
    _finish(context.pop(_OPEN, None), fault=True)


def _verdict(status: int) -> Document:
    """Classify an answer as X-Ray does: the caller's error, a throttle, the callee's fault."""
    return {
        "http": {"response": {"status": status}},
        "error": _BAD_REQUEST <= status < _SERVER_ERROR,
        "throttle": status == _TOO_MANY_REQUESTS,
        "fault": status >= _SERVER_ERROR,
    }


def _begun(name: str, **members: object) -> Document | None:
    """Begin a subsegment of the function's segment; None where the trace is not sampled."""
    header = os.environ.get(_TRACE, "")
    trace = dict(part.partition("=")[::2] for part in header.split(";"))
    if trace.get("Sampled") != "1" or _DAEMON not in os.environ:
        return None
    return {
        "type": "subsegment",
        "id": secrets.token_hex(8),
        "trace_id": trace.get("Root"),
        "parent_id": trace.get("Parent"),
        "name": name,
        "start_time": time.time(),
        **members,
    }


def _finish(document: Document | None, **members: object) -> None:
    if document is None:
        return
    document |= members
    document["end_time"] = time.time()
    datagram = (_HEADER + json.dumps(document, separators=(",", ":"))).encode()
    if len(datagram) <= _MAX_DATAGRAM_BYTES:
        _send(datagram)


def _send(datagram: bytes) -> None:
    """Send without waiting; a trace that gets lost is no reason to fail."""
    host, _, port = os.environ[_DAEMON].rpartition(":")
    with (
        suppress(OSError, ValueError),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon,
    ):
        daemon.settimeout(0)
        daemon.sendto(datagram, (host, int(port)))
