"""What the tests of the record share."""

from dataclasses import replace
from typing import Any

from recado.actions.models import CustomAction
from recado.actions.saving import ActionDraft, draft_of


def draft_with(action: CustomAction, **values: Any) -> ActionDraft:
    """What the form of an action would send, with some of it changed."""
    return replace(draft_of(action), **values)
