"""A function as the synthesized template describes it: code, layers, handler, settings."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.assembly import read_stack
from local.layout import STACK_NAME
from local.steps import StackError

Json = dict[str, Any]
ASSET = "aws:asset:path"


@dataclass(frozen=True)
class FunctionSource:
    """One function of the assembly.

    Parameters
    ----------
    name
        Its logical id, such as `BillingWebhook`.
    handler
        Where Lambda finds it: `billing.webhook.handler.handler`.
    code
        The folder that becomes `/var/task`.
    layers
        The folders that become `/opt`, in the template's order.
    variables
        Its environment; a value that is no text is a reference, known once it is deployed.
    timeout_seconds, memory_mb
        Its limits.
    """

    name: str
    handler: str
    code: Path
    layers: tuple[Path, ...]
    variables: Mapping[str, object]
    timeout_seconds: int
    memory_mb: int

    @property
    def search_path(self) -> str:
        """The layers' Python folders, the last layer first: there, later ones overwrite."""
        return os.pathsep.join(str(layer / "python") for layer in reversed(self.layers))

    @property
    def events(self) -> str:
        """The folder under `events/`: service and function, `billing_webhook`."""
        service, *_, function, _, _ = self.handler.split(".")
        return f"{service}_{function}"


def functions_of(assembly: Path) -> dict[str, FunctionSource]:
    """Read all functions of the local stage's assembly, by logical id.

    Raises
    ------
    StackError
        The assembly is not there, or not the local stage's.
    """
    if not (assembly / "manifest.json").is_file():
        raise StackError("nothing was synthesized yet: `make run` does")
    template = read_stack(assembly, STACK_NAME).template
    resources: Json = json.loads(template.read_text(encoding="utf-8"))["Resources"]
    return {
        name: _function(name, resources, assembly)
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Function"
    }


def _function(name: str, resources: Json, assembly: Path) -> FunctionSource:
    properties = resources[name]["Properties"]
    return FunctionSource(
        name=name,
        handler=properties["Handler"],
        code=assembly / resources[name]["Metadata"][ASSET],
        layers=tuple(
            assembly / resources[layer["Ref"]]["Metadata"][ASSET] for layer in properties["Layers"]
        ),
        variables=properties["Environment"]["Variables"],
        timeout_seconds=properties["Timeout"],
        memory_mb=properties["MemorySize"],
    )
