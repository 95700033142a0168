"""Every page in both sizes, themes and languages: accessible, steady, and pictured.

The pictures are in `build/screenshots`, for people to look at.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.e2e.session import Session
from tests.web.conftest import DESKTOP, visiting
from tests.web.visitor import Visitor

ROOT: Final = Path(__file__).resolve().parents[2]
AXE: Final = ROOT / "node_modules/axe-core/axe.min.js"
PICTURES: Final = ROOT / "build/screenshots"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Core Web Vitals call a shift of up to 0.1 good: https://web.dev/articles/cls
GOOD_SHIFT: Final = 0.1
PAGES: Final = (
    "home",
    "buy",
    "checkout",
    "paid",
    "ledger",
    "workflows",
    "new_workflow",
    "workflow",
    "edit_workflow",
    "runs",
    "run",
    "failed_run",
    "api",
    "not_found",
)
CSV: Final = "city,visitors,rate\nChiang Mai,120,1.5\nPhuket,80,2.25\nBangkok,400,\n"
COUNT_SHIFTS: Final = """
    window.shift = 0;
    new PerformanceObserver((list) => {
        for (const it of list.getEntries()) if (!it.hadRecentInput) window.shift += it.value;
    }).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True)
class Look:
    """How the console is looked at."""

    width: int
    height: int
    theme: Literal["light", "dark"]
    locale: str

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}-{self.locale[:2]}"


LOOKS: Final = (
    Look(1440, 900, "light", "en-GB"),
    Look(1440, 900, "dark", "th-TH"),
    Look(360, 740, "light", "th-TH"),
    Look(360, 740, "dark", "en-GB"),
)


@pytest.fixture(scope="module")
def customer(new_session: Callable[[], Session]) -> tuple[Session, dict[str, str]]:
    """Somebody with something on every page, and where it is."""
    session = new_session()
    engine = session.engine
    paid = session.buy_credits("growth")
    workflow = engine.create_workflow("Visitors per city", "csv-summary", {"csv": CSV})
    inside = engine.create_workflow(
        "Is the shop up?", "website-check", {"url": "http://127.0.0.1/"}
    )
    run = session.finished(engine.run(workflow["id"]))
    failed = session.finished(engine.run(inside["id"]))
    waiting = session.purchase_with_charge("starter")
    return session, {
        "home": "/",
        "buy": "/buy",
        "checkout": f"/buy/{waiting['id']}",
        "paid": f"/buy/{paid['id']}",
        "ledger": "/ledger",
        "workflows": "/workflows",
        "new_workflow": "/workflows/new",
        "workflow": f"/workflows/{workflow['id']}",
        "edit_workflow": f"/workflows/{workflow['id']}/edit",
        "runs": "/runs",
        "run": f"/runs/{run['id']}",
        "failed_run": f"/runs/{failed['id']}",
        "api": "/api",
        "not_found": "/runs/a/b",
    }


@pytest.fixture(scope="module", params=LOOKS, ids=str)
def look(request: pytest.FixtureRequest) -> Look:
    """Both sizes and both themes, each with both languages once."""
    chosen: Look = request.param
    return chosen


@pytest.fixture(scope="module")
def reader(
    browser: Browser, customer: tuple[Session, dict[str, str]], look: Look
) -> Iterator[Visitor]:
    """The customer, signed in, with this look."""
    context = _looking(browser, look)
    with visiting(context, customer[0]) as visitor:
        page = visitor.page
        visitor.go("/sign-in")
        page.locator("[name=email]").fill(visitor.session.email)
        page.locator("[name=password]").fill(visitor.session.password)
        page.keyboard.press("Enter")
        page.get_by_test_id("balance").wait_for()
        yield visitor


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_steady_and_fits(
    reader: Visitor, customer: tuple[Session, dict[str, str]], look: Look, name: str
) -> None:
    """Given a page, when it is looked at, then axe finds nothing, nothing jumps, all fits."""
    reader.go(customer[1][name])

    _look_at(reader, look, name)


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("name", ["sign-in", "register"])
def test_a_public_page_is_accessible_steady_and_fits(
    browser: Browser, customer: tuple[Session, dict[str, str]], look: Look, name: str
) -> None:
    """Given nobody signed in, when the way in is looked at, then the same holds."""
    context = _looking(browser, look)
    with visiting(context, customer[0]) as visitor:
        visitor.go(f"/{name}")
        _look_at(visitor, look, name)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_an_empty_account_gets_hints(
    browser: Browser, new_session: Callable[[], Session], look: Look
) -> None:
    """Given an account without anything, when its pages are looked at, then each says what next."""
    context = _looking(browser, look)
    with visiting(context, new_session()) as visitor:
        page = visitor.page
        visitor.go("/sign-in")
        page.locator("[name=email]").fill(visitor.session.email)
        page.locator("[name=password]").fill(visitor.session.password)
        page.keyboard.press("Enter")
        page.get_by_test_id("balance").wait_for()
        for path in ("/", "/ledger", "/workflows", "/runs"):
            visitor.go(path)
            page.locator(".empty .button").first.wait_for()
            _look_at(visitor, look, f"empty{path.replace('/', '_')}")


def _looking(browser: Browser, look: Look) -> BrowserContext:
    """Open a window, or what is the same on a phone, that counts how much its pages jump."""
    is_phone = look.width < DESKTOP["width"]
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.theme,
        locale=look.locale,
        is_mobile=is_phone,
        has_touch=is_phone,
    )
    context.add_init_script(COUNT_SHIFTS)
    return context


def _look_at(visitor: Visitor, look: Look, name: str) -> None:
    page = visitor.page
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('.skeleton, .placeholder')")
    assert page.evaluate("window.shift") < GOOD_SHIFT
    assert page.evaluate("document.documentElement.scrollWidth") <= look.width
    with _all_of_it(visitor, look):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}-{look}.png", animations="disabled")
        assert _findings(visitor) == []


@contextmanager
def _all_of_it(visitor: Visitor, look: Look) -> Iterator[None]:
    """Make the window as tall as the page: nothing is half behind the bar at the bottom."""
    height = visitor.page.evaluate("document.documentElement.scrollHeight")
    visitor.page.set_viewport_size({"width": look.width, "height": max(look.height, height)})
    yield
    visitor.page.set_viewport_size({"width": look.width, "height": look.height})


def _findings(visitor: Visitor) -> list[dict[str, Any]]:
    """Run axe; its script is evaluated by the browser's debugger, past the page's policy."""
    page = visitor.page
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        """async (tags) => {
            const { violations } = await axe.run({ runOnly: { type: "tag", values: tags } });
            return violations.map(({ id, nodes }) => ({ id, where: nodes.map((it) => it.html) }));
        }""",
        RULES,
    )
    return found
