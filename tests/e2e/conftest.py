"""People who use the deployed local stack."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from credit_engine_client import CreditEngine
from local.stack_file import StackFile
from tests.e2e.session import Session


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
