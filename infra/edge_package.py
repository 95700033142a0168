"""The edge's package: its code, the OpenAPI document, and the viewer that npm's lock file pins."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.bundling import ROOT

_CODE: Final = ROOT / "functions/edge"
_VIEWER: Final = ROOT / "node_modules/swagger-ui-dist"
# Apache-2.0 asks for licence and notice to come along with the files.
_VIEWER_FILES: Final = {
    "swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.js.LICENSE.txt",
    "swagger-ui.css": "swagger-ui.css",
    "LICENSE": "swagger-ui.LICENSE",
    "NOTICE": "swagger-ui.NOTICE",
}


class ViewerMissingError(Exception):
    """The Node packages are not installed."""


@jsii.implements(ILocalBundling)
class EdgeBundling:
    """Puts the package together without Docker."""

    def try_bundle(self, output_dir: str, *_options: object, **_more: object) -> bool:
        """Fill the CDK's output folder; always succeeds or raises."""
        for name, source in contents().items():
            target = Path(output_dir, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        return True


def edge_code() -> lambda_.Code:
    """Package the edge.

    Raises
    ------
    ViewerMissingError
        If the viewer is not installed.
    """
    return lambda_.Code.from_asset(
        str(_CODE),
        asset_hash=_content_hash(contents()),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            # Named because the CDK wants one; the files come from the local bundling.
            image=DockerImage.from_registry("none"),
            local=EdgeBundling(),
        ),
    )


def contents() -> Mapping[str, Path]:
    """Say what is in the package, and where it is taken from.

    Raises
    ------
    ViewerMissingError
        If the viewer is not installed.
    """
    if not _VIEWER.is_dir():
        raise ViewerMissingError(f"{_VIEWER} is missing: run `make setup`")
    code = {
        f"edge/{path.relative_to(_CODE)}": path
        for path in sorted(_CODE.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    viewer = {f"edge/static/{name}": _VIEWER / file for file, name in _VIEWER_FILES.items()}
    return {**code, **viewer, "edge/static/openapi.json": ROOT / "docs/openapi.json"}


def _content_hash(files: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in files.items():
        digest.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
