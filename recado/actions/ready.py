"""Actions to begin with: two that most accounts want, for whoever has none yet."""

from typing import Final

from recado.actions.saving import ActionDraft
from recado.lib.languages import Sentence, say

READY: Final[dict[str, tuple[Sentence, Sentence, str]]] = {
    "crm": (
        say("Register the contact in the CRM"),
        say("Name, e-mail and phone of whoever writes, as a new record."),
        """{
  "name": "{{ contact.name }}",
  "email": "{{ contact.email }}",
  "phone": "{{ contact.phone_number }}",
  "source": "{{ inbox.name }}"
}""",
    ),
    "row": (
        say("Add a row to a spreadsheet"),
        say("When, who and what was written, as one row of values."),
        """{
  "values": [
    ["{{ event.at }}", "{{ contact.name }}", "{{ contact.email }}", "{{ message.content }}"]
  ]
}""",
    ),
}


def ready_draft(key: str) -> ActionDraft:
    """The beginning of an action; an empty one where there is no such."""
    if key not in READY:
        return ActionDraft()
    name, _, body = READY[key]
    return ActionDraft(name=str(name), body=body)
