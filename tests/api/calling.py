"""A program that calls the API with somebody's token."""

from dataclasses import dataclass
from typing import Any

from tests.browser import Browser
from tests.people import Cast


@dataclass(frozen=True)
class Program:
    """Calls as one person; paths are below that account."""

    browser: Browser
    token: str
    account_id: int

    async def call(self, method: str, path: str, json: Any = None) -> Any:
        """Whatever comes of it."""
        full = f"/api/v1/accounts/{self.account_id}/{path}"
        if path.startswith("/"):  # of another version
            full = path.replace("…", f"accounts/{self.account_id}")
        return await self.browser.api(method, full, self.token, json)

    async def send(self, method: str, path: str, content: bytes, kind: str) -> Any:
        """Whatever comes of a body that is sent as it is."""
        full = f"/api/v1/accounts/{self.account_id}/{path}"
        headers = {"Api-Access-Token": self.token, "Content-Type": kind}
        return await self.browser._client.request(method, full, content=content, headers=headers)

    async def get(self, path: str) -> Any:
        """The JSON of what must succeed."""
        return _json(await self.call("GET", path))

    async def post(self, path: str, json: Any = None) -> Any:
        """The JSON of what must succeed."""
        return _json(await self.call("POST", path, json))

    async def patch(self, path: str, json: Any) -> Any:
        """The JSON of what must succeed."""
        return _json(await self.call("PATCH", path, json))


def _json(answer: Any) -> Any:
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return answer.json() if answer.content else None


def programs(browser: Browser, cast: Cast) -> tuple[Program, Program, Program]:
    """Ana's, Beto's and Célia's, each in their own account."""
    return (
        Program(browser, cast.ana_token, cast.account.id),
        Program(browser, cast.beto_token, cast.account.id),
        Program(browser, cast.celia_token, cast.other_account.id),
    )
