"""A mail server for the tests of e-mails."""

from collections.abc import AsyncIterator, Iterator

import pytest

from recado.lib.mail_servers import MailServer, mail_server, use_mail_server
from tests.post_office import PostOffice, post_office


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as open_office:
        yield open_office


@pytest.fixture
def server(office: PostOffice) -> Iterator[MailServer]:
    """This process has a mail server, the post office."""
    named = mail_server(f"smtp://127.0.0.1:{office.port}?tls=none", "desk@acme.example")
    use_mail_server(named)
    yield named
    use_mail_server(None)
