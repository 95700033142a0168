"""The yardstick: a handler that does nothing but make given calls with boto3 and urllib3.

It is what one would write by hand who knows beforehand which calls with which values are due: no
validation, no rule, no log line. The calls are those that the measured function itself made, so
their number and their payloads are the same; it makes them one after another.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
import urllib3
from botocore import xform_name

Json = Any
_SERVICES: Final = {
    "DynamoDB_20120810": "dynamodb",
    "AWSStepFunctions": "stepfunctions",
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
}
_BLOBS: Final = frozenset({"B", "Message"})
_TIMEOUT_SECONDS: Final = 5.0


class MinimalHandler:
    """Makes calls and gives an answer.

    Parameters
    ----------
    endpoint
        Where AWS and Omise are.
    calls
        As the stand-in noted them.
    answer
        What the function returned.
    """

    def __init__(self, endpoint: str, calls: Sequence[Json], answer: Json) -> None:
        self._endpoint = endpoint
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT_SECONDS)
        self._s3: Json = _client("s3") if any(map(_is_s3, calls)) else None
        names = {_SERVICES[call["service"]] for call in calls if "service" in call}
        self._clients = {name: _client(name) for name in names}
        self._calls = [self._call(call) for call in calls]
        self._answer = answer

    def __call__(self, event: Json, _context: object) -> Json:
        """Read the body, make the calls, render an answer."""
        body = event.get("body")
        if body:
            json.loads(body)
        for call in self._calls:
            call()
        if "body" not in self._answer:
            return dict(self._answer)
        return {**self._answer, "body": json.dumps(_parsed(self._answer["body"]))}

    def _call(self, call: Json) -> Callable[[], object]:
        if "service" in call:
            return self._aws_call(call)
        if _is_s3(call):
            return self._s3_call(call)
        return self._web_call(call)

    def _aws_call(self, call: Json) -> Callable[[], object]:
        client = self._clients[_SERVICES[call["service"]]]
        method = getattr(client, xform_name(call["operation"]))
        request = _with_bytes(call["request"])
        return lambda: method(**request)

    def _s3_call(self, call: Json) -> Callable[[], object]:
        bucket, key = urlsplit(call["path"]).path.lstrip("/").split("/", 1)
        client = self._s3
        return lambda: client.put_object(Bucket=bucket, Key=key, Body=call["body"].encode())

    def _web_call(self, call: Json) -> Callable[[], object]:
        url, headers = self._endpoint + call["path"], urllib3.make_headers(basic_auth="key:")
        body = call["body"] or None
        return lambda: self._pool.request(call["method"], url, body=body, headers=headers).json()


def _client(name: Any) -> Json:  # noqa: ANN401  # boto3's own literals
    return boto3.client(name)


def _is_s3(call: Json) -> bool:
    return bool(call.get("method") == "PUT")


def _parsed(body: str) -> Json:
    """Return what a hand-written handler would have at hand to render."""
    return json.loads(body) if body.startswith(("{", "[")) else body


def _with_bytes(value: Json, name: str = "") -> Json:
    """Undo what the wire does to bytes, which is the client's work to do."""
    if isinstance(value, Mapping):
        return {key: _with_bytes(child, key) for key, child in value.items()}
    if isinstance(value, list):
        return [_with_bytes(child) for child in value]
    return base64.b64decode(value) if name in _BLOBS and isinstance(value, str) else value
