"""A deployed local stack of the tests' own, beside any that runs for a person."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest

from credit_engine_client import CreditEngine
from local.stack_file import StackFile
from tests.e2e.session import Session, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[StackFile]:
    """Bring a stack up for the whole test run, with data of its own."""
    with running_stack() as file:
        yield file


@pytest.fixture(scope="session")
def new_user(stack: StackFile) -> Callable[[], Session]:
    """Register users that are logged in."""

    def register() -> Session:
        engine = CreditEngine(stack.api_url)
        email = f"user-{secrets.token_hex(8)}@example.com"
        password = secrets.token_urlsafe(24)
        user = engine.register(email, password)
        engine.login(email, password)
        return Session(stack, engine, user["id"], email, password)

    return register


@pytest.fixture
def user(new_user: Callable[[], Session]) -> Session:
    """Register one user."""
    return new_user()
