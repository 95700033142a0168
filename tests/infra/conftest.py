"""Fixtures: the template of every stage."""

from __future__ import annotations

import pytest

from infra.settings import STAGES
from tests.infra.synthesis import CHOICES, Template, synthesised


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
def chosen_template() -> Template:
    """The template of production with all that no stage has unless an operator chooses it."""
    return synthesised("prod", **CHOICES)


@pytest.fixture
def local_template() -> Template:
    """The template that the emulator gets."""
    return synthesised("local")


@pytest.fixture
def prod_template() -> Template:
    """The template of production."""
    return synthesised("prod")
