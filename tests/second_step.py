"""Setting the second step up in a browser, and what the app would show."""

import re
from datetime import UTC, datetime, timedelta

from pyotp import TOTP

from tests.browser import Browser
from tests.people import PASSWORD

HERE = "/app/profile/second-step"


def code_of(secret: str, *, steps: int = 0) -> str:
    """The code of this moment, or of one some steps of half a minute away."""
    return TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30 * steps))


async def begun(browser: Browser) -> str:
    """The secret of an app that is not confirmed yet."""
    assert (await browser.post(HERE)).status_code == 303
    found = re.search(r'id="secret">([A-Z2-7]{32})<', (await browser.get(HERE)).text)
    assert found
    return found[1]


async def switched_on(browser: Browser) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes, once the code of this moment has confirmed it."""
    secret = await begun(browser)
    form = {"code": code_of(secret), "password": PASSWORD}
    made = await browser.post(f"{HERE}/confirm", form)
    assert made.status_code == 200, made.text
    codes = re.findall(r"<li>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</li>", made.text)
    assert len(codes) == 10
    return secret, codes
