"""Every page speaks the reader's language, and only that."""

import re

import pytest
from playwright.async_api import Page

from recado.lib.languages import LANGUAGES
from tests.journeys.browsing import Look, is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.journeys.places import places
from tests.journeys.stage import Stage, ended_deliveries, say, set_stage
from tests.journeys.texts import foreign_texts, spoken, texts_of
from tests.receiver import Receiver

pytestmark = pytest.mark.journey

# What people wrote and what is no language: names, addresses, methods, keys.
_THEIRS = {
    *("Acme", "Ana", "Ana Lima", "Aviso", "Beto Reis", "Esboço", "Maria Souza", "Parado", "Recado"),
    *("Recusado", "Site", "Zap", "Zebra", "Oi", "Celular", "tests"),
    *("GET", "POST", "PUT", "PATCH", "DELETE", "JSON", "URL", "Response", "AL", "BR", "MS"),
    *("DNS", "TLS", "webhook-id", "message_created", "maria@example.com", "ana@acme.example"),
    *("beto@acme.example", "Authorization", "X-Api-Key", "contacts.write", "response.body.id"),
    *("BEGIN CERTIFICATE", "BEGIN PRIVATE KEY", "CSV"),
}


async def test_every_page_speaks_the_readers_language_only(
    site: Site, receiver: Receiver, open_page: OpenPage
) -> None:
    stage = await set_stage(site.database, site.outbound, site.cast, receiver)
    await say(site.database, stage.conversation, "Oi")
    await ended_deliveries(site.database, site.cast.account.id, 2)
    seen = {
        language: await _walk(await open_page(site.cast.ana, Look(language)), stage)
        for language in LANGUAGES
    }
    foreign = {
        (language, name): found
        for language, pages in seen.items()
        for name, texts in pages.items()
        if (found := foreign_texts(texts, language))
    }
    assert foreign == {}
    spanish = spoken("es")
    untold = {
        name: found
        for name, texts in seen["es"].items()
        if (found := {one for one in texts & seen["en"][name] if not spanish.has(one)})
    }
    assert untold == {}, "the same in English and Spanish, and in no catalogue"


async def _walk(page: Page, stage: Stage) -> dict[str, set[str]]:
    """The texts of every page that are no data."""
    seen = {}
    for name, path in places(stage).items():
        await page.goto(path)
        await is_ready(page)
        seen[name] = {one for one in await texts_of(page) if not _is_theirs(one)}
    return seen


def _is_theirs(text: str) -> bool:
    rest = _NAMES.sub("", _ADDRESS.sub("", text))
    return not any(letter.isalpha() for letter in rest)


_ADDRESS = re.compile(r"https?://\S+")
_NAMES = re.compile("|".join(rf"\b{re.escape(one)}\b" for one in sorted(_THEIRS, key=len)[::-1]))
