"""What an operator does with a deployed stack: look into it, and deploy a changed one."""

from __future__ import annotations

import functools
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.aws import Aws
from local.deploy import deploy
from local.layout import ACCOUNT, HERE, Layout
from local.stack_file import StackFile
from local.synth import INPUTS, synthesise

Json = dict[str, Any]
_CALL = Config(connect_timeout=2, read_timeout=120, retries={"total_max_attempts": 1})
_BORROWED = (".venv", "node_modules", ".local/cache", ".local/emulator-venv")


@dataclass(frozen=True)
class Operator:
    """The AWS account that a stack is deployed to.

    Parameters
    ----------
    stack
        The running stack.
    """

    stack: StackFile

    def client(self, service: str) -> Any:  # noqa: ANN401  # any service's client
        """Make a client of one of AWS' services."""
        return boto3.client(  # type: ignore[call-overload]  # the service is not known here
            service,
            endpoint_url=self.stack.aws_endpoint_url,
            region_name=self.stack.region,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
            config=_CALL,
        )

    @functools.cached_property
    def resources(self) -> dict[str, str]:
        """The stack's resources by logical id, as AWS names them."""
        cloudformation = self.client("cloudformation")
        pages = cloudformation.get_paginator("list_stack_resources").paginate(
            StackName=self.stack.stack_name
        )
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
        }

    def resource(self, construct: str) -> str:
        """Return the resource of a construct: its logical id ends in a hash."""
        logical_id = re.compile(f"{construct}[0-9A-F]{{8}}")
        (found,) = (name for id_, name in self.resources.items() if logical_id.fullmatch(id_))
        return found

    def invoke(self, function: str, event: Json) -> Json:
        """Invoke one of the stack's functions."""
        answer = self.client("lambda").invoke(
            FunctionName=self.resources[function], Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return dict(payload)

    def executions(self, machine: str, item_id: str) -> list[str]:
        """Name an item's executions of a state machine."""
        found = self.client("stepfunctions").list_executions(stateMachineArn=self.resource(machine))
        return sorted(one["name"] for one in found["executions"] if one["name"].startswith(item_id))

    def create_function(self, name: str, source: str) -> str:
        """Create a Lambda function of the operator's own, outside of the stack; give its ARN."""
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("automation.py", source)
        answer = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="automation.handler",
            Role=f"arn:aws:iam::{ACCOUNT}:role/automation",
            Code={"ZipFile": package.getvalue()},
            Timeout=60,
        )
        return str(answer["FunctionArn"])


@contextmanager
def changed_checkout(stack: StackFile, folder: Path) -> Iterator[Checkout]:
    """Give a copy of the checkout to change and deploy; afterwards deploy the original again."""
    try:
        yield Checkout.copy_to(folder, stack)
    finally:
        deploy(Aws(stack.aws_endpoint_url), HERE.assembly, stack.stack_name)


@dataclass(frozen=True)
class Checkout:
    """A copy of what is deployed.

    Parameters
    ----------
    root
        Its folder.
    stack
        The running stack that it is deployed to.
    """

    root: Path
    stack: StackFile

    @classmethod
    def copy_to(cls, folder: Path, stack: StackFile) -> Checkout:
        """Copy what the synthesis reads, and borrow the rest."""
        for name in INPUTS:
            source = HERE.root / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "node_modules", "dist")
                shutil.copytree(source, folder / name, ignore=ignored)
            elif source.exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, folder / name)
        for name in _BORROWED:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(HERE.root / name)
        return cls(folder, stack)

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace a text in a file, which must be there once."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def synthesise(self, name: str) -> Path:
        """Synthesise what the copy holds now, and keep it under a name."""
        layout = Layout(self.root)
        synthesise(layout)
        return layout.assembly.rename(self.root / f"cdk.out.{name}")

    def deploy(self, assembly: Path) -> None:
        """Deploy what was synthesised."""
        deploy(Aws(self.stack.aws_endpoint_url), assembly, self.stack.stack_name)
