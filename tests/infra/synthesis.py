"""Templates of the stages as `cdk synth` makes them, without AWS credentials or wheels."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.settings import STAGES, Domain, StageSettings
from infra.stack import CreditEngineStack

ROOT = Path(__file__).parents[2]
Json = Any  # what a template holds
_DEPLOYED_TO = {
    "AWS::Partition": "aws",
    "AWS::Region": "ap-southeast-1",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::AccountId": "123456789012",
}
# What no stage of the repository has, and an operator may choose.
CHOICES: Json = {
    "api_domain": Domain(
        name="api.example.com",
        certificate_arn="arn:aws:acm:ap-southeast-1:123456789012:certificate/0a1b",
    ),
    "console_domain": Domain(
        name="console.example.com",
        certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/0a1b",
    ),
    "console_web_acl_arn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/console/0a1b",
    "cors_origins": ("https://shop.example.com", "https://admin.example.com"),
    "group_commit_after": 1,
    "origin_proof": "second",
    "return_uri_hosts": ("shop.example.com",),
    "snap_start": True,
}


@dataclass(frozen=True)
class Template:
    """One stage's template.

    Parameters
    ----------
    body
        The whole of it.
    """

    body: Mapping[str, Json]

    def resources(self, kind: str) -> dict[str, Json]:
        """Return the properties of all resources of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.body["Resources"].items()
            if resource["Type"] == kind
        }

    def only(self, kind: str, beginning: str = "") -> tuple[str, Json]:
        """Return the one resource of a type whose logical id begins so."""
        (found,) = (
            (name, properties)
            for name, properties in self.resources(kind).items()
            if name.startswith(beginning)
        )
        return found

    def table(self, service: str) -> str:
        """Return the logical id of a service's table."""
        name, _ = self.only("AWS::DynamoDB::Table", service)
        return name

    def functions(self) -> dict[str, Json]:
        """Return our own functions by name, without those that the CDK adds for itself."""
        return {
            name: properties
            for name, properties in self.resources("AWS::Lambda::Function").items()
            if "POWERTOOLS_SERVICE_NAME" in environment(properties)
        }


@functools.cache
def synthesised(stage: str, **changes: Json) -> Template:
    """Synthesise a stage as the repository has it, or with changes, once per test run."""
    return synthesised_with(StageSettings.model_validate({**dict(STAGES[stage]), **changes}))


def synthesised_with(settings: StageSettings) -> Template:
    """Synthesise a stage of these settings."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    with tempfile.TemporaryDirectory() as folder:
        # Bundling no stack: the layer's wheels say nothing about the template.
        app = App(context={**context, "aws:cdk:bundling-stacks": []}, outdir=folder)
        stack = CreditEngineStack(app, settings)
        body = app.synth().get_stack_by_name(stack.stack_name).template
        return Template(json.loads(json.dumps(body)))


def environment(function: Json) -> dict[str, Json]:
    """Return a function's environment variables."""
    variables: dict[str, Json] = function.get("Environment", {}).get("Variables", {})
    return variables


def logical_ids(value: Json) -> Iterator[str]:
    """Name the resources that a value refers to."""
    if isinstance(value, dict):
        if "Ref" in value:
            yield value["Ref"]
        if "Fn::GetAtt" in value:
            yield value["Fn::GetAtt"][0]
        for child in value.values():
            yield from logical_ids(child)
    elif isinstance(value, list):
        for child in value:
            yield from logical_ids(child)


def as_list(value: Json) -> list[Json]:
    """Return what IAM lets be one value or several as a list."""
    return value if isinstance(value, list) else [value]


def text_of(value: Json) -> str:
    """Join a text that has references in it; each is there by its logical id."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(map(text_of, parts))
    reference = next(logical_ids(value))
    return _DEPLOYED_TO.get(reference, reference)
