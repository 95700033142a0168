"""The edge's package: its code, the OpenAPI document, and the viewer that npm's lock file pins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra.bundling import ROOT
from infra.code_package import code_package, files_under

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

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


def edge_code(python: str, mounted_at: str) -> lambda_.Code:
    """Package the edge.

    Raises
    ------
    ViewerMissingError
        If the viewer is not installed.
    """
    return code_package(_CODE, contents(), python, mounted_at)


def contents() -> Mapping[str, Path]:
    """Say what is in the package, and where it is taken from.

    Raises
    ------
    ViewerMissingError
        If the viewer is not installed.
    """
    if not _VIEWER.is_dir():
        raise ViewerMissingError(f"{_VIEWER} is missing: run `make setup`")
    code = {f"edge/{path.relative_to(_CODE)}": path for path in files_under(_CODE)}
    viewer = {f"edge/static/{name}": _VIEWER / file for file, name in _VIEWER_FILES.items()}
    return {**code, **viewer, "edge/static/openapi.json": ROOT / "docs/openapi.json"}
