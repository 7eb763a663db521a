"""Which edit an answer proposes, one case a line; and which it must never propose."""

from typing import Any

import pytest

from recado.deliveries.proposing import Field, proposal_from
from recado.deliveries.requests import frozen
from recado.lib.languages import LANGUAGES, gettext, speaking
from recado.lib.outcomes import Auth, AuthKind, Request, RequestHeader, Trouble

URL = "https://crm.example/contacts"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BEARER = Auth(AuthKind.BEARER, secrets=(("token", 1),))


def _request(
    method: str = "POST",
    url: str = URL,
    body: str | None = '{"a": 1}',
    auth: Auth | None = None,
    **headers: str,
) -> dict[str, Any]:
    sent = (RequestHeader(name.replace("_", "-"), value) for name, value in headers.items())
    return frozen(Request(method, url, tuple(sent), body, auth=auth))


def _moved(location: str, status: int = 308, **request: Any) -> tuple[Any, ...]:
    reason = {"trouble": Trouble.REDIRECT, "status": status}
    return reason, _request(**request), [["Location", location]]


def _refused(status: int, request: dict[str, Any], **headers: str) -> tuple[Any, ...]:
    reason = {"trouble": Trouble.HTTP_STATUS, "status": status}
    return reason, request, [[name.replace("_", "-"), value] for name, value in headers.items()]


def _broken(trouble: Trouble, **request: Any) -> tuple[Any, ...]:
    return {"trouble": trouble, "detail": ""}, _request(**request), []


SECRET_HEADER = frozen(Request("POST", URL, (RequestHeader("X-Key", "", 5),), "{}"))
SECRET_TYPE = frozen(Request("POST", URL, (RequestHeader("Content-Type", "", 5),), "{}"))
DROPPED = {**_request(body=None), "is_dropped": True}
PROPOSED = [
    (_refused(415, _request(Content_Type="text/plain; charset=utf-8")), Field.CONTENT_TYPE, JSON),
    (_refused(415, _request(content_type=FORM)), Field.CONTENT_TYPE, JSON),
    (_refused(415, _request(body="a=1&b=x+y")), Field.CONTENT_TYPE, FORM),
    (_refused(415, _request(body="[1]")), Field.CONTENT_TYPE, JSON),
    (_moved("https://www.crm.example/contacts"), Field.URL, "https://www.crm.example/contacts"),
    (_moved("/contacts/", 301), Field.URL, f"{URL}/"),
    (_moved("https://crm.example/v2#top"), Field.URL, "https://crm.example/v2"),
    (_moved(URL, url="http://crm.example/contacts"), Field.URL, URL),
    (_moved("/b", url="http://10.0.0.1/a"), Field.URL, "http://10.0.0.1/b"),
    (_refused(405, _request("PUT"), Allow="GET, post, PATCH"), Field.METHOD, "POST"),
    (_refused(405, _request(), Allow="OPTIONS, PATCH"), Field.METHOD, "PATCH"),
    (_refused(405, _request(body=None), Allow="GET, HEAD"), Field.METHOD, "GET"),
    (_refused(401, _request()), Field.AUTH, ""),
    (_refused(401, _request(), WWW_Authenticate='Basic realm="CRM"'), Field.AUTH, "basic"),
    (_refused(401, _request(), WWW_Authenticate="Bearer"), Field.AUTH, "bearer"),
    (_refused(401, _request(), WWW_Authenticate="Negotiate"), Field.AUTH, ""),
    (_refused(401, _request(auth=BEARER)), Field.AUTH, "bearer"),
    (_broken(Trouble.TOKEN_REFUSED, auth=BEARER), Field.AUTH, "bearer"),
    (_broken(Trouble.NOT_HTTP, url="http://crm.example:443/a"), Field.URL,
     "https://crm.example:443/a"),
    (_broken(Trouble.RESET, url="HTTP://crm.example:8443/a"), Field.URL,
     "https://crm.example:8443/a"),
    (_refused(400, _request(url="http://crm.example:8443/a")), Field.URL,
     "https://crm.example:8443/a"),
]  # fmt: skip
NOT_PROPOSED = {
    "nothing is wrong": ({"trouble": None, "status": 200}, _request(), []),
    "nothing was sent": ({"why": "action_off"}, _request(), []),
    "nothing could be made": ({"trouble": Trouble.TEMPLATE}, {}, []),
    "it says JSON already": _refused(415, _request(Content_Type="application/json; charset=utf-8")),
    "neither JSON nor a form": _refused(415, _request(body="<a>b=c</a>")),
    "no body": _refused(415, _request(body=None)),
    "a secret Content-Type": _refused(415, SECRET_TYPE),
    "too large": _refused(413, _request()),
    "not understood": _refused(422, _request()),
    "a plain 400": _refused(400, _request()),
    "a temporary redirect": _moved("https://www.crm.example/", 307),
    "a redirect to another page": _moved("https://www.crm.example/", 302),
    "no Location": ({"trouble": Trouble.REDIRECT, "status": 301}, _request(), []),
    "the same address": _moved(URL),
    "from https to http": _moved("http://crm.example/contacts"),
    "an address inside": _moved("https://169.254.169.254/latest"),
    "an address inside, in IPv6": _moved("https://[::ffff:127.0.0.1]/"),
    "a number as address": _moved("https://2130706433/"),
    "a password": _moved("https://a:b@crm.example/"),
    "another scheme": _moved("file:///etc/passwd"),
    "no URL": _moved("https://[::1"),
    "a hidden character": _moved("https://crm.example/\u200b"),
    "a variable": _moved("https://evil.example/{{contact.email}}"),
    "a tag": _moved("https://evil.example/{%if a%}"),
    "a masked secret": _moved("https://www.crm.example/?key=••••••"),
    "no Allow": _refused(405, _request()),
    "only DELETE": _refused(405, _request(), Allow="DELETE"),
    "GET, but there is a body": _refused(405, _request(), Allow="GET"),
    "GET, but there was a body": _refused(405, DROPPED, Allow="GET"),
    "a body that is not kept": _refused(415, DROPPED),
    "its own method": _refused(405, _request(), Allow="POST, PUT"),
    "a key in a header": _refused(401, SECRET_HEADER),
    "Authorization by hand": _refused(401, _request(Authorization="{{ x }}")),
    "http at its usual port": _broken(Trouble.NOT_HTTP, url="http://crm.example/"),
    "https that is none": _broken(Trouble.TLS, url="https://crm.example:80/"),
    "no such host": _broken(Trouble.DNS),
}


@pytest.mark.parametrize(("about", "field", "value"), PROPOSED)
def test_an_answer_proposes_one_edit(about: Any, field: Field, value: str) -> None:
    told = proposal_from(*about)
    assert told is not None
    assert (told.field, told.value) == (field, value)


@pytest.mark.parametrize("about", NOT_PROPOSED.values(), ids=NOT_PROPOSED)
def test_what_is_unsafe_or_unknown_is_not_proposed(about: Any) -> None:
    assert proposal_from(*about) is None


def test_every_proposal_is_said_in_every_language() -> None:
    texts = {told.sentence.text for about, *_ in PROPOSED if (told := proposal_from(*about))}
    assert len(texts) == 6
    for language in LANGUAGES:
        with speaking(language):
            assert all((gettext(text) == text) is (language == "en") for text in texts)
