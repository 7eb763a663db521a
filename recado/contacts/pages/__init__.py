"""Pages of contacts and of custom attributes."""

from typing import Any

from recado.contacts.pages import attributes, contacts, importing, listing

handlers: list[Any] = [
    *listing.handlers,
    *importing.handlers,
    *contacts.handlers,
    *attributes.handlers,
]
