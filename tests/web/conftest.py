"""A browser, the running stack, and people who use both."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from credit_engine_client import CreditEngine
from local.stack_file import StackFile
from tests.e2e.session import Session
from tests.web.browser import launch
from tests.web.visitor import PATIENCE_MS, Visitor

# What a page waits for may take as long as a purchase saga.
expect.set_options(timeout=PATIENCE_MS)

ENGLISH = "en-GB"
DESKTOP: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; per module, since its event loop would be in the way of other tests' own."""
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def new_session(stack: StackFile) -> Callable[[], Session]:
    """Registers people at the API."""

    def register() -> Session:
        engine = CreditEngine(stack.api_url)
        email = f"visitor-{secrets.token_hex(8)}@example.com"
        password = secrets.token_urlsafe(24)
        user = engine.register(email, password)
        engine.login(email, password)
        return Session(stack, engine, user["id"], email, password)

    return register


@contextmanager
def visiting(context: BrowserContext, session: Session) -> Iterator[Visitor]:
    """Open a tab, and in the end look whether the browser had anything to complain about."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(page, session)
    listen(page, visitor.complaints)
    yield visitor
    context.close()
    assert visitor.complaints == []


def listen(page: Page, complaints: list[str]) -> None:
    """Note violations of the Content-Security-Policy and exceptions of a tab."""

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))


@pytest.fixture
def stranger(browser: Browser, new_session: Callable[[], Session]) -> Iterator[Visitor]:
    """Somebody who has an account and is not signed in."""
    context = browser.new_context(viewport=DESKTOP, locale=ENGLISH, accept_downloads=True)
    with visiting(context, new_session()) as visitor:
        yield visitor


@pytest.fixture
def visitor(stranger: Visitor) -> Visitor:
    """Somebody who is signed in and looks at the home page."""
    stranger.go("/")
    stranger.sign_in()
    stranger.sees("Home")
    return stranger


@pytest.fixture
def shopper(visitor: Visitor) -> Visitor:
    """Somebody in the shop."""
    visitor.go("/buy")
    visitor.sees("Buy credits")
    return visitor


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, so that it can be left out: `-m "not web"`."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.web)
