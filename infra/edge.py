"""The edge service: health, the OpenAPI document, and the methods that a resource has not."""

from __future__ import annotations

import json
import tomllib

from constructs import Construct

from infra.bundling import ROOT
from infra.functions import FunctionFactory
from infra.keys import service_key
from infra.routes import FALLBACK_FUNCTION, allowed_methods
from infra.settings import StageSettings


class Edge(Construct):
    """Answers what belongs to no other service.

    Attributes
    ----------
    functions
        The functions that serve routes, by folder.
    key
        What encrypts the edge's logs, and those of gateway, firewall and console, if any.
    """

    def __init__(self, scope: Construct, settings: StageSettings, factory: FunctionFactory) -> None:
        super().__init__(scope, "Edge")
        self.key = service_key(self, settings)
        environment = {
            "VERSION": _version(),
            "ALLOWED_METHODS": json.dumps(allowed_methods(), separators=(",", ":")),
        }
        function = factory.make(self, FALLBACK_FUNCTION, environment, key=self.key)
        self.functions = {FALLBACK_FUNCTION: function}


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])
