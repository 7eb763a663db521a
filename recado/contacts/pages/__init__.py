"""Pages of contacts, their labels and their custom attributes."""

from typing import Any

from recado.contacts.pages import attributes, contacts, labels, listing

handlers: list[Any] = [
    *listing.handlers,
    *contacts.handlers,
    *labels.handlers,
    *attributes.handlers,
]
