"""A real Chromium, and what no page may do in it: complain, or ask for anything elsewhere."""

import shutil
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    Request,
    expect,
)

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",  # root has none
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))
"""
_WAITING = ":is([hx-get], [hx-post]):not([data-htmx-powered])"  # parts that are not live yet
_PATIENCE = 20_000  # milliseconds until something counts as missing, also on a busy machine
_TAGS = {"pt_BR": "pt-BR", "en": "en-US", "es": "es-MX"}


async def open_chromium(playwright: Playwright) -> Browser:
    """The system's Chromium, without a window."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    assert found, "The browser journeys need Chromium: sudo apt-get install chromium"
    expect.set_options(timeout=_PATIENCE)
    return await playwright.chromium.launch(executable_path=found, args=_FLAGS)


@dataclass
class Complaints:
    """Everything wrong that pages of `origin` said or did; a test fails when there is any."""

    origin: str
    heard: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        """Hear every page that the context opens."""
        context.on("console", self._hear_console)
        context.on("weberror", lambda one: self.heard.append(f"page error: {one.error}"))
        context.on("request", self._hear_request)
        context.on("requestfailed", self._hear_failure)

    def _hear_console(self, message: ConsoleMessage) -> None:
        # Chromium reports a refused form (422) as an error; for us it is an answer.
        is_refused_form = "status of 422" in message.text and message.location["url"].startswith(
            self.origin
        )
        if message.type in {"error", "warning"} and not is_refused_form:
            self.heard.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _hear_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws"} and not request.url.startswith(self.origin):
            self.heard.append(f"a request elsewhere: {request.url}")

    def _hear_failure(self, request: Request) -> None:
        # The browser itself gives up a request for a newer one, and the stream of a page that is left.
        if request.failure != "net::ERR_ABORTED":
            self.heard.append(f"failed: {request.method} {request.url}: {request.failure}")


@dataclass(frozen=True, slots=True)
class Look:
    """How the visitor's browser is set up."""

    language: str = "pt_BR"
    theme: str = "light"
    width: int = 1280
    height: int = 900
    has_scripts: bool = True
    time_zone: str = "America/Sao_Paulo"


async def open_context(
    chromium: Browser, origin: str, look: Look, complaints: Complaints
) -> BrowserContext:
    """A browser that has never been here, whose every complaint is heard."""
    context = await chromium.new_context(
        base_url=origin,
        locale=_TAGS[look.language],
        timezone_id=look.time_zone,
        color_scheme="dark" if look.theme == "dark" else "light",
        reduced_motion="reduce",
        viewport={"width": look.width, "height": look.height},
        java_script_enabled=look.has_scripts,
    )
    context.set_default_timeout(_PATIENCE)
    await context.add_init_script(_TELL_VIOLATIONS)
    complaints.listen(context)
    return context


async def is_ready(page: Page) -> None:
    """Wait until the page's scripts run, its parts are live and no request of htmx is under way."""
    await page.wait_for_load_state()
    await page.wait_for_function(
        f"() => window.htmx && !document.querySelector('.htmx-request, .htmx-swapping, {_WAITING}')"
    )


async def pick(page: Page | Locator, field: str, wanted: str) -> None:
    """Find something by what it is called, in a list that has a search, and take it."""
    place = page.get_by_role("combobox", name=field, exact=True)
    await place.fill(wanted)
    await place.press("Enter")
