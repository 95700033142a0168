"""Asking an operations function, and proving who asks."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError

from kernel.operators.caller_identity import ACTION, PURPOSE_HEADER
from kernel.operators.operations import new_correlation_id, request_hash
from operator_cli.errors import CommandError, Exit
from operator_cli.target import Target

Json = dict[str, Any]

_PROOF_SECONDS: Final = 60
_TEMPORARY: Final = frozenset({"temporarily_unavailable", "account_busy", "internal_error"})


class Services:
    """The operations functions of one stack.

    Parameters
    ----------
    target
        The stack.
    """

    def __init__(self, target: Target) -> None:
        self._target = target

    def ask(self, output: str, operation: str, parameters: Json) -> Json:
        """Ask for an operation and return its result.

        Parameters
        ----------
        output
            The stack's output that names the function.
        operation, parameters
            What is asked for.

        Raises
        ------
        CommandError
            If it is refused, or nobody answers.
        """
        function = self._target.output(output)
        event = {
            "operation": operation,
            "parameters": parameters,
            "proof": self._proof(request_hash(function, operation, parameters)),
            "correlation_id": new_correlation_id(),
        }
        return _result(self._invoke(function, event))

    def _invoke(self, function: str, event: Json) -> Json:
        try:
            answer = self._target.client("lambda").invoke(
                FunctionName=function, Payload=json.dumps(event).encode()
            )
        except (ClientError, BotoCoreError) as error:
            raise CommandError(f"{function} cannot be asked: {error}", Exit.TRY_AGAIN) from error
        if "FunctionError" in answer:
            raise CommandError(f"{function} failed; its log says why", Exit.TRY_AGAIN)
        return dict(json.loads(answer["Payload"].read()))

    def _proof(self, purpose: str) -> str:
        """Sign the question to AWS who we are, for the function to send: `caller_identity`."""
        endpoint = self._target.client("sts").meta.endpoint_url.rstrip("/")
        credentials = self._target.session.get_credentials()
        if credentials is None:
            raise CommandError("there are no AWS credentials in the environment", Exit.USAGE)
        request = AWSRequest(
            "GET", f"{endpoint}/?{urlencode(ACTION)}", headers={PURPOSE_HEADER: purpose}
        )
        frozen = credentials.get_frozen_credentials()
        SigV4QueryAuth(frozen, "sts", self._target.region, _PROOF_SECONDS).add_auth(request)
        return urlsplit(str(request.url)).query


def _result(answer: Json) -> Json:
    if "result" in answer:
        return dict(answer["result"])
    problem = answer["problem"]
    code = problem["code"]
    found = [f"{one['pointer'].strip('/')} {one['message']}" for one in problem.get("errors", [])]
    message = "; ".join([f"{code}: {problem['detail']}", *found])
    raise CommandError(message, Exit.TRY_AGAIN if code in _TEMPORARY else Exit.REFUSED)
