"""The edge service: health, the OpenAPI document, and the methods that a resource has not."""

from __future__ import annotations

import json
import tomllib

from constructs import Construct

from infra.bundling import ROOT
from infra.functions import FunctionFactory
from infra.routes import FALLBACK_FUNCTION, allowed_methods


class Edge(Construct):
    """Answers what belongs to no other service.

    Attributes
    ----------
    functions
        The functions that serve routes, by folder.
    """

    def __init__(self, scope: Construct, factory: FunctionFactory) -> None:
        super().__init__(scope, "Edge")
        environment = {
            "VERSION": _version(),
            "ALLOWED_METHODS": json.dumps(allowed_methods(), separators=(",", ":")),
        }
        self.functions = {FALLBACK_FUNCTION: factory.make(self, FALLBACK_FUNCTION, environment)}


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])
