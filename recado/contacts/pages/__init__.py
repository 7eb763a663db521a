"""Pages of contacts, their labels and their custom attributes."""

from typing import Any

from recado.contacts.pages import attributes, contacts, labels

handlers: list[Any] = [*contacts.handlers, *labels.handlers, *attributes.handlers]
