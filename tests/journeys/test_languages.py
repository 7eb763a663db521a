"""Every page speaks the reader's language, and only that."""

import pytest

from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.places import places
from tests.journeys.stage import ended_deliveries, say, set_stage
from tests.journeys.texts import foreign_texts, spoken, texts_of
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

# What people wrote and what is no language: names, addresses, methods, keys.
_THEIRS = {
    *("Acme", "Ana", "Ana Lima", "Aviso", "Beto Reis", "Esboço", "Maria Souza", "Parado", "Recado"),
    *("Recusado", "Site", "Zap", "Zebra", "Oi", "Celular"),
    *("GET", "POST", "PUT", "PATCH", "DELETE", "JSON", "URL", "Response", "AL", "BR", "MS"),
    *("DNS", "TLS", "webhook-id", "message_created", "maria@example.com", "ana@acme.example"),
    *("beto@acme.example", "Português (Brasil)", "English", "Español", "Authorization"),
}


@pytest.mark.parametrize("language", ["pt_BR", "en", "es"])
async def test_every_page_speaks_one_language(
    language: str, site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    await say(site.database, stage.conversation, "Oi")
    await ended_deliveries(site.database, site.cast.account.id, 2)
    page = await open_page(site.cast.ana, Look(language))
    found = {}
    for name, path in places(stage).items():
        await page.goto(path)
        await is_ready(page)
        found[name] = foreign_texts(await texts_of(page), language)
    assert {name: texts for name, texts in found.items() if texts} == {}


async def test_no_text_is_missing_in_the_catalogues(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    """What reads the same in English and Spanish is either data or known to the Spanish catalogue."""
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    await say(site.database, stage.conversation, "Oi")
    await ended_deliveries(site.database, site.cast.account.id, 2)
    seen: dict[str, dict[str, set[str]]] = {}
    for language in ("en", "es"):
        page = await open_page(site.cast.ana, Look(language))
        for name, path in places(stage).items():
            await page.goto(path)
            await is_ready(page)
            seen.setdefault(name, {})[language] = await texts_of(page)
    same = {name: of["en"] & of["es"] for name, of in seen.items()}
    spanish = spoken("es")
    untold = {
        name: {one for one in texts - _THEIRS if not spanish.has(one)}
        for name, texts in same.items()
    }
    assert {name: texts for name, texts in untold.items() if texts} == {}
