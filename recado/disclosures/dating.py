"""Since when an action tells what it tells: from the versions that were kept of it. Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from recado.accounts.models import Version
from recado.actions.models import CustomAction
from recado.actions.request import RequestTemplate, names_used
from recado.actions.saving import ActionDraft, template_of
from recado.actions.urls import lane_of_template
from recado.lib.personal import names_of_people


def told_by(template: RequestTemplate, known: Collection[str]) -> tuple[str, ...]:
    """Which of the `known` variables a request tells of people."""
    return names_of_people(names_used(template), known)


def told_since(
    action: CustomAction, versions: Sequence[Version], known: Collection[str]
) -> dict[str, datetime]:
    """Of each variable that the action tells of people, when the first of the versions was saved that told it
    to this destination, and without a break until now. `versions` are newest first.
    """
    told = set(told_by(action.template, known))
    since: dict[str, datetime] = {}
    for version in versions:
        template = template_of(msgspec.convert(version.snapshot, ActionDraft))
        if lane_of_template(template.url) != action.lane:
            break
        told &= set(told_by(template, known))
        since |= dict.fromkeys(told, version.created_at)
    return since
