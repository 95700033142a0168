"""Fixtures: the template of every stage."""

from __future__ import annotations

import pytest

from infra.settings import STAGES
from tests.infra.synthesis import Template, synthesised


@pytest.fixture(params=STAGES)
def template(request: pytest.FixtureRequest) -> Template:
    """The template of each stage in turn."""
    return synthesised(request.param)


@pytest.fixture(params=[stage for stage in STAGES if stage != "local"])
def aws_template(request: pytest.FixtureRequest) -> Template:
    """The template of each stage that runs in AWS."""
    return synthesised(request.param)


@pytest.fixture(params=["staging", "prod"])
def protected_template(request: pytest.FixtureRequest) -> Template:
    """The template of each stage with a network, a firewall and keys of its own."""
    return synthesised(request.param)


@pytest.fixture
def grouping_template() -> Template:
    """The template of production with group commit, which no stage has by itself."""
    return synthesised("prod", group_commit_after=1)


@pytest.fixture
def local_template() -> Template:
    """The template that the emulator gets."""
    return synthesised("local")


@pytest.fixture
def prod_template() -> Template:
    """The template of production."""
    return synthesised("prod")
