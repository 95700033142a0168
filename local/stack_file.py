"""`.local/stack.json`: what tools and tests may know about the running stack."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from local.private_file import write_private
from local.steps import StackError


@dataclass(frozen=True)
class StackFile:
    """The running stack, as seen from outside.

    Parameters
    ----------
    api_url
        The front door, without `/v1`.
    console_url
        The console, on the same origin.
    webhook_url
        Where Omise sends its events.
    omise_url
        The Omise-compatible server that the stack uses.
    omise_secret_key, omise_public_key, webhook_secret
        That server's keys; the last one in base64.
    aws_endpoint_url, region
        The emulator, for any AWS SDK.
    stack_name
        The CloudFormation stack.
    table_names
        DynamoDB tables by service: `identity`, `billing`, `workflows`.
    pids
        Process numbers by name; `stack` is the one that watches the others.
    """

    api_url: str
    console_url: str
    webhook_url: str
    omise_url: str
    omise_secret_key: str
    omise_public_key: str
    webhook_secret: str
    aws_endpoint_url: str
    region: str
    stack_name: str
    table_names: dict[str, str]
    pids: dict[str, int]

    @classmethod
    def read(cls, path: Path) -> "StackFile":
        """Read what a running stack wrote.

        Raises
        ------
        StackError
            It has written nothing: it does not run, or not yet.
        """
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise StackError("the stack is not ready: `make run` brings it up") from None

    def write(self, path: Path) -> None:
        """Write it in one step, for the owner's eyes only: it holds keys."""
        write_private(path, json.dumps(asdict(self), indent=2) + "\n")
