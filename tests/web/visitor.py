"""A person at a browser: what the tests do with mouse, keyboard and eyes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from playwright.sync_api import FrameLocator, Locator, Page, Request, expect

from tests.e2e.session import Session

PATIENCE_MS: Final = 30_000
MAX_TABS: Final = 60
NAME_ON_CARD: Final = "M Test"

# Built from parts: no card number stands in this repository.
CARD_WITHOUT_FUNDS: Final = "4" + "1" * 10 + "40011"
CHALLENGED_CARD: Final = "5454" * 4


@dataclass
class Visitor:
    """Somebody with the console open.

    Attributes
    ----------
    page
        The tab.
    session
        The same person at the API, to look behind the scenes.
    complaints
        What the browser complained about: violations of the Content-Security-Policy, exceptions.
    """

    page: Page
    session: Session
    complaints: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The console's address, without a slash at the end."""
        return self.session.stack.console_url.rstrip("/")

    def go(self, path: str) -> None:
        """Open an address of the console."""
        self.page.goto(f"{self.url}{path}")

    def sign_in(self) -> None:
        """Sign in, wherever the console asks for it."""
        self.field("E-mail").fill(self.session.email)
        self.field("Password").fill(self.session.password)
        self.button("Sign in").click()

    def field(self, name: str) -> Locator:
        """Find a field by its label."""
        return self.page.get_by_role("textbox", name=name)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """Find a button by its name."""
        return self.page.get_by_role("button", name=name)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        """Find a link by its name."""
        return self.page.get_by_role("link", name=name)

    def sees(self, title: str) -> None:
        """Wait until a page of this title is there."""
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()

    def is_told(self, text: str | re.Pattern[str]) -> None:
        """Wait until an alert says something."""
        expect(self.page.get_by_role("alert").filter(has_text=text)).to_be_visible()

    def choose(self, name: str | re.Pattern[str]) -> None:
        """Choose an option card."""
        self.page.get_by_role("radio", name=name).check()

    @property
    def card_form(self) -> FrameLocator:
        """Omise's form."""
        return self.page.frame_locator("#omise-checkout-iframe-app")

    def enter_card(self, number: str) -> None:
        """Fill Omise's form in and send it."""
        form = self.card_form
        form.get_by_label("Card number").fill(number)
        form.get_by_label("Name on card").fill(NAME_ON_CARD)
        form.get_by_label("Expiry").fill("12/39")
        form.get_by_label("Security code").fill("123")
        form.get_by_role("button", name=re.compile("^Pay")).click()

    def pay_by_card(self, number: str) -> None:
        """Buy the package that is chosen with a card."""
        self.choose(re.compile("card"))
        self.button(re.compile("^Pay")).click()
        self.enter_card(number)

    def posts_to(self, path: str) -> list[str]:
        """Note the Idempotency-Keys of all POSTs to a path from now on, in a list that grows."""
        keys: list[str] = []

        def note(request: Request) -> None:
            if request.method == "POST" and request.url.endswith(path):
                keys.append(request.headers["idempotency-key"])

        self.page.on("request", note)
        return keys

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, *names: str) -> None:
        """Press Tab until the focus is on something of one of these names."""
        for _ in range(MAX_TABS):
            self.page.keyboard.press("Tab")
            if self._focused_name().startswith(names):
                return
        raise AssertionError(f"the Tab key does not get to {names}")

    def tab_through(self, entries: Sequence[tuple[str, str]]) -> None:
        """Fill a form in: go to a field by the Tab key, and type."""
        for name, text in entries:
            self.tab_to(name)
            self.page.keyboard.type(text)

    def _focused_name(self) -> str:
        name: str = self.page.evaluate(
            """() => {
                const it = document.activeElement;
                const label = it?.labels?.[0];
                return (it?.ariaLabel ?? label?.innerText ?? it?.innerText ?? "").trim();
            }"""
        )
        return name
