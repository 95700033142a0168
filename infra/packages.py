"""What is deployed: one package of code per service, and the two layers of its functions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aws_cdk import AssetHashType, BundlingOptions, DockerImage
from aws_cdk import aws_lambda as lambda_

from infra.bundling import ROOT, DependenciesBundling, asset_hash
from infra.code_package import code_package, files_under
from infra.edge_package import edge_code
from infra.settings import RuntimeTarget

# Workflows debits accounts through billing's published interface, so its package holds both.
CONTENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "identity": ("identity",),
    "billing": ("billing",),
    "workflows": ("workflows", "billing"),
}
_FUNCTIONS: Final = ROOT / "functions"
_FUNCTION: Final = "/var/task"
_LAYER: Final = "/opt"


def service_code(service: str, target: RuntimeTarget) -> lambda_.Code:
    """Package a service as it imports: `functions/` is the root, other services stay out."""
    if service == "edge":
        return edge_code(target.python, _FUNCTION)
    return code_package(_FUNCTIONS, service_contents(service), target.python, _FUNCTION)


def service_contents(service: str) -> dict[str, Path]:
    """Say which files a service's package has, by their names in it."""
    return {
        str(path.relative_to(_FUNCTIONS)): path
        for folder in CONTENTS[service]
        for path in files_under(_FUNCTIONS / folder)
    }


def shared_code(target: RuntimeTarget) -> lambda_.Code:
    """Package the kernel as a layer."""
    root = ROOT / "layers/shared"
    contents = {str(path.relative_to(root)): path for path in files_under(root)}
    return code_package(root, contents, target.python, _LAYER)


def dependencies_code(service: str, target: RuntimeTarget) -> lambda_.Code:
    """Package the locked wheels that a service imports as a layer."""
    return lambda_.Code.from_asset(
        str(ROOT / "layers/dependencies"),
        asset_hash=asset_hash(service, target),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            # Named because the CDK wants one; the wheels come from the local bundling.
            image=DockerImage.from_registry("none"),
            local=DependenciesBundling(service, target),
        ),
    )
