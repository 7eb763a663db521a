"""Pages of contacts, their labels and their custom attributes."""

from typing import Any

from recado.contacts.pages import attributes, contacts, importing, labels, listing

handlers: list[Any] = [
    *listing.handlers,
    *importing.handlers,
    *contacts.handlers,
    *labels.handlers,
    *attributes.handlers,
]
