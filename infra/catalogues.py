"""The operator's catalogues, checked when a stage is synthesised: a wrong price never deploys."""

from __future__ import annotations

import json

from billing.domain.packages import parse_packages
from infra.bundling import ROOT
from workflows.catalogue.entries import Entry, read_entries
from workflows.catalogue.schema_check import verify_schemas


def automations(stage: str) -> tuple[Entry, ...]:
    """Read a stage's automations.

    Raises
    ------
    OSError
        If the stage has no catalogue.
    pydantic.ValidationError, workflows.catalogue.schema_check.ParametersSchemaError
        If it holds what cannot be run.
    """
    entries = read_entries(stage)
    verify_schemas(entries)
    return entries


def verify_packages(stage: str) -> None:
    """Make sure that a stage's packages can be sold.

    Raises
    ------
    OSError
        If the stage has no catalogue.
    billing.domain.packages.CatalogueError
        If it holds what cannot be sold.
    """
    path = ROOT / f"functions/billing/catalogue/packages.{stage}.json"
    parse_packages(json.loads(path.read_text(encoding="utf-8")))
