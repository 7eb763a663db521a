"""What a custom attribute holds, and what it belongs to. Pure: rules think of both without the database."""

from enum import StrEnum


class AttributeKind(StrEnum):
    """What a custom attribute holds. The API also takes the position in this list as a number."""

    TEXT = "text"
    NUMBER = "number"
    CURRENCY = "currency"
    PERCENT = "percent"
    LINK = "link"
    DATE = "date"
    LIST = "list"
    CHECKBOX = "checkbox"


class AttributeModel(StrEnum):
    """What a custom attribute belongs to; the API also takes the position as a number."""

    CONVERSATION = "conversation_attribute"
    CONTACT = "contact_attribute"

    @property
    def of(self) -> str:
        """The part of the facts that holds it: conversation or contact."""
        return self.removesuffix("_attribute")
