"""What axe finds wrong with a page, in light and dark."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page


async def faults(page: Page, path: str = "") -> list[str]:
    """What axe calls serious or critical on the page as it stands, in light and dark."""
    if path:
        await page.goto(path)
        await page.wait_for_load_state()
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found = []
    for theme, options in _THEMES.items():
        await page.emulate_media(color_scheme=theme)
        found += [f"{theme} {one}" for one in await page.evaluate(_LOOK, options)]
    return found


_THEMES: dict[Any, dict[str, Any]] = {
    "light": {},
    "dark": {"runOnly": ["color-contrast"]},  # all that differs
}

# Only what is wrong leaves the page: everything that axe has to say is some hundred kilobytes.
_LOOK = """async (options) => {
  await new Promise(requestAnimationFrame)  // until the colours of this theme have settled
  await Promise.allSettled(document.getAnimations().map((one) => one.finished))
  const reason = (node) => [...node.any, ...node.all, ...node.none][0]?.message.slice(0, 140)
  const { violations } = await axe.run({ resultTypes: ["violations"], ...options })
  return violations.filter((one) => ["serious", "critical"].includes(one.impact)).flatMap((one) =>
    one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.html.slice(0, 160)} ${reason(node)}`))
}"""
