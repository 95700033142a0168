"""The deployed stack that is operated: where it is, and what its parts are called."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from operator_cli.errors import CommandError, Exit

DEFAULT_REGION: Final = "ap-southeast-1"
LOCAL_STACK_FILE: Final = Path(".local/stack.json")
# A function that calls Omise may take 90 s; every operation may be repeated.
_CALL: Final = Config(
    connect_timeout=5, read_timeout=95, retries={"mode": "standard", "total_max_attempts": 2}
)
# What the emulator takes for the account's own key; it checks no signature.
_LOCAL_KEY_ID: Final = "0" * 12


@dataclass(frozen=True)
class Target:
    """One stack.

    Parameters
    ----------
    stack_name, region
        Which.
    endpoint_url
        Where AWS is played, None for AWS itself.
    session
        The operator's credentials.
    """

    stack_name: str
    region: str
    endpoint_url: str | None
    session: boto3.Session

    def client(self, service: str) -> Any:  # noqa: ANN401  # any service's client
        """Make a client of one of AWS' services, bounded in time."""
        return self.session.client(  # type: ignore[call-overload]  # the service is not known here
            service, region_name=self.region, endpoint_url=self.endpoint_url, config=_CALL
        )

    @cached_property
    def _outputs(self) -> Mapping[str, str]:
        try:
            described = self.client("cloudformation").describe_stacks(StackName=self.stack_name)
        except (ClientError, BotoCoreError) as error:
            message = f"the stack {self.stack_name} cannot be looked up: {error}"
            raise CommandError(message, Exit.TRY_AGAIN) from error
        outputs = described["Stacks"][0].get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def output(self, name: str) -> str:
        """Return one of the stack's outputs.

        Raises
        ------
        CommandError
            If the stack cannot be looked up, or is too old to have it.
        """
        try:
            return self._outputs[name]
        except KeyError:
            raise CommandError(f"the stack {self.stack_name} has no output {name}") from None


def find_target(
    stage: str,
    *,
    stack_name: str | None,
    region: str | None,
    endpoint_url: str | None,
    stack_file: Path | None,
    environment: Mapping[str, str] = os.environ,
) -> Target:
    """Find out which stack is meant.

    Parameters
    ----------
    stage
        Names the stack, unless `stack_name` does; `local` is described by a file.
    stack_name, region, endpoint_url
        What was said about it.
    stack_file
        What describes the local stack; `.local/stack.json` if nothing else is said.
    environment
        Where the credentials are.

    Raises
    ------
    CommandError
        If the local stack does not run.
    """
    if stage == "local":
        return _local(stack_file or LOCAL_STACK_FILE, environment)
    where = region or environment.get("AWS_REGION") or DEFAULT_REGION
    session = boto3.Session(region_name=where)
    if session.get_credentials() is None:
        raise CommandError("there are no AWS credentials in the environment", Exit.USAGE)
    return Target(stack_name or f"CreditEngine-{stage}", where, endpoint_url, session)


def _local(stack_file: Path, environment: Mapping[str, str]) -> Target:
    try:
        described = json.loads(stack_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"no local stack runs, for there is no {stack_file}: `make run` starts one"
        raise CommandError(message, Exit.USAGE) from None
    session = boto3.Session(
        aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID", _LOCAL_KEY_ID),
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY", "test"),
        aws_session_token=environment.get("AWS_SESSION_TOKEN"),
        region_name=described["region"],
    )
    return Target(
        described["stack_name"], described["region"], described["aws_endpoint_url"], session
    )
