"""A browser without a window: calls the application in the test's own event loop."""

from typing import Any, Self

import httpx

from recado.accounts.doors import SESSION_COOKIE
from recado.accounts.models import Membership
from tests.people import PASSWORD

Files = list[tuple[str, tuple[str, bytes, str]]]  # field, then name, content and type of a file


class Browser:
    """Keeps cookies and sends the CSRF token with every form, as a page's forms do."""

    def __init__(self, app: Any) -> None:
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://recado.test",
            headers={"accept-language": "en"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def signed_in_as(self, member: Membership) -> Self:
        """Sign in as somebody of the cast, by the form."""
        await self.get("/sign-in")
        answer = await self.post("/sign-in", {"email": member.user.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return self

    async def with_session(self, session: str) -> Self:
        """Be signed in already, which saves the password's slow hash."""
        self._client.cookies.set(SESSION_COOKIE, session)
        await self.get("/sign-in")  # brings the CSRF cookie
        return self

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """Open a page."""
        return await self._client.get(path, **options)

    async def post(
        self,
        path: str,
        form: dict[str, Any] | None = None,
        *,
        htmx: bool = False,
        files: Files | None = None,
        referer: str = "",
    ) -> httpx.Response:
        """Send a form, as a browser without scripts or, with `htmx`, as a page with them."""
        data = {**(form or {}), "_csrf_token": self._client.cookies.get("recado_csrf", "")}
        headers = {"hx-request": "true"} if htmx else {}
        headers |= {"referer": referer} if referer else {}
        return await self._client.post(path, data=data, headers=headers, files=files)

    async def post_without_token(self, path: str) -> httpx.Response:
        """Send an empty form, as a strange site would have the browser do."""
        return await self._client.post(path, data={"name": "x"})

    async def api(
        self, method: str, path: str, token: str | None, json: Any = None
    ) -> httpx.Response:
        """Call the API with a token, as a program does."""
        headers = {"api_access_token": token} if token else {}
        content = {} if json is None else {"json": json}
        return await self._client.request(method, path, headers=headers, **content)
