"""Secrets as Secrets Manager has them now; who reads often keeps what was read for a while."""

from __future__ import annotations

import functools
from typing import Final

from kernel.aws.json_api import JsonApi, Service

_SERVICE: Final = Service(
    "secretsmanager", "SecretsManager", "secretsmanager", "1.1", "AWS_ENDPOINT_URL_SECRETS_MANAGER"
)
_READ_SECONDS: Final = 3.0


@functools.cache
def client() -> JsonApi:
    """Return the process's client: bounded in time, made when it is first needed."""
    return JsonApi.from_environment(_SERVICE, _READ_SECONDS)


def secret_text(arn: str) -> str:
    """Read a secret's current text.

    Raises
    ------
    AwsError
        If it cannot be read.
    KeyError
        If it is no text.
    """
    text: str = client().call("GetSecretValue", {"SecretId": arn})["SecretString"]
    return text
