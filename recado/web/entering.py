"""How a page lets somebody in: from what they typed to the session's cookie."""

from litestar.datastructures import Cookie
from litestar.response import Redirect

from recado.accounts.doors import (
    ACCOUNT_COOKIE,
    AnyRequest,
    client_address,
    session_cookie_settings,
)
from recado.accounts.signing_in import SignIn
from recado.lib.numbers import number_in
from recado.settings import Settings


def attempt_of(request: AnyRequest, email: str, password: str = "") -> SignIn:
    """What somebody typed, and from where they come."""
    return SignIn(
        email, password, client_address(request), request.headers.get("user-agent", ""),
        account_id=number_in(request.cookies.get(ACCOUNT_COOKIE)),
    )  # fmt: skip


def signed_in(session: str, path: str, settings: Settings) -> Redirect:
    """On to a page, with the session in a cookie."""
    answer: Redirect = Redirect(path, status_code=303)
    answer.set_cookie(Cookie(value=session, **session_cookie_settings(is_https=settings.is_https)))
    return answer


def own_path(path: str) -> str:
    """Only a path of ours: `//elsewhere` and `/\\elsewhere` lead to strangers."""
    is_own = path.startswith("/app") and "\\" not in path and not any(c < " " for c in path)
    return path if is_own else "/app/conversations"
