"""Read a cloud assembly: which template, which assets, and where they belong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.layout import ACCOUNT, REGION
from local.packaging import package
from local.steps import StackError

PLACEHOLDERS = {
    "${AWS::AccountId}": ACCOUNT,
    "${AWS::Region}": REGION,
    "${AWS::Partition}": "aws",
}


@dataclass(frozen=True)
class Asset:
    """A file that a template refers to.

    Parameters
    ----------
    source
        The file or folder in the assembly.
    zipped
        Whether the folder is to be uploaded as one zip archive.
    bucket
        The bucket that the template expects it in.
    key
        Its key there, which holds the hash of its content.
    """

    source: Path
    zipped: bool
    bucket: str
    key: str

    def content(self) -> bytes:
        """Read what is to be uploaded."""
        return package(self.source) if self.zipped else self.source.read_bytes()


@dataclass(frozen=True)
class StackArtifact:
    """One stack of an assembly.

    Parameters
    ----------
    template
        The CloudFormation template's path.
    assets
        Everything to upload before it is deployed, the template itself included.
    bootstrap_parameter
        Name of the SSM parameter that tells the bootstrap version, which the template checks.
    bootstrap_version
        The least version that the template accepts.
    """

    template: Path
    assets: tuple[Asset, ...]
    bootstrap_parameter: str
    bootstrap_version: int

    @property
    def template_asset(self) -> Asset:
        """The asset that is the template.

        Raises
        ------
        StackError
            The assembly was made without the asset publishing that the CDK has had since version 2.
        """
        for asset in self.assets:
            if asset.source == self.template:
                return asset
        raise StackError(f"{self.template.name} is not among the assets of its assembly")


def read_stack(assembly: Path, stack_name: str) -> StackArtifact:
    """Find a stack in a cloud assembly.

    Parameters
    ----------
    assembly
        The folder that `cdk synth` wrote.
    stack_name
        The stack's name, as in CloudFormation.

    Raises
    ------
    StackError
        The assembly has no such stack.
    """
    artifacts = _load(assembly / "manifest.json")["artifacts"]
    for name, artifact in artifacts.items():
        properties = artifact.get("properties", {})
        if properties.get("stackName", name) == stack_name and "templateFile" in properties:
            return StackArtifact(
                template=assembly / properties["templateFile"],
                assets=tuple(_assets(assembly, artifacts, artifact["dependencies"])),
                bootstrap_parameter=properties["bootstrapStackVersionSsmParameter"],
                bootstrap_version=properties["requiresBootstrapStackVersion"],
            )
    raise StackError(f"{assembly} has no stack {stack_name}: is the app's stage `local`?")


def _assets(assembly: Path, artifacts: dict[str, Any], dependencies: list[str]) -> Iterator[Asset]:
    for name in dependencies:
        if artifacts[name]["type"] == "cdk:asset-manifest":
            yield from _assets_of(assembly, _load(assembly / artifacts[name]["properties"]["file"]))


def _assets_of(assembly: Path, manifest: dict[str, Any]) -> Iterator[Asset]:
    for file in manifest["files"].values():
        source = file["source"]
        for destination in file["destinations"].values():
            yield Asset(
                source=assembly / source["path"],
                zipped=source["packaging"] == "zip",
                bucket=_resolve(destination["bucketName"]),
                key=_resolve(destination["objectKey"]),
            )


def _resolve(text: str) -> str:
    for placeholder, value in PLACEHOLDERS.items():
        text = text.replace(placeholder, value)
    return text


def _load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
