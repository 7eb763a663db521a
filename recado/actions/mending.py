"""A proposed edit filled into an action's draft: what its form then shows. Pure.

A delivery's address is rendered, an action's has variables: they stay, or nothing is filled in.
"""

from dataclasses import dataclass, replace
from typing import Final

from recado.actions.saving import ActionDraft, HeaderDraft
from recado.actions.urls import UrlTemplate, lane_of_template, start_of
from recado.deliveries.proposing import Field, Proposal
from recado.lib.addresses import lane_of
from recado.lib.outcomes import AuthKind
from recado.lib.templating import TemplateError

_PLACES: Final = {
    Field.METHOD: "field-method",
    Field.URL: "field-url",
    Field.CONTENT_TYPE: "field-headers",
    Field.AUTH: "field-auth-kind",
}


@dataclass(frozen=True, slots=True)
class Mend:
    """What the form says of a correction; not filled in, somebody has to do it by hand."""

    proposal: Proposal
    draft: ActionDraft
    is_filled_in: bool

    @property
    def place(self) -> str:
        """The id of the field in the form."""
        return _PLACES[self.proposal.field]

    @property
    def is_auth(self) -> bool:
        """Whether only people know what is to be filled in."""
        return self.proposal.field == Field.AUTH


def mend(draft: ActionDraft, proposal: Proposal, sent_url: str) -> Mend:
    """The draft with the correction of a delivery that went to `sent_url`, as far as it fits."""
    made = mended(draft, proposal, sent_url)
    return Mend(proposal, made or draft, made is not None)


def mended(draft: ActionDraft, proposal: Proposal, sent_url: str) -> ActionDraft | None:
    """The changed draft; None where it says so already or the change does not fit it any more."""
    match proposal.field:
        case Field.METHOD:
            changed = replace(draft, method=proposal.value)
        case Field.CONTENT_TYPE:
            changed = replace(draft, headers=_with_content_type(draft.headers, proposal.value))
        case Field.AUTH:
            return _with_auth(draft, proposal.value)
        case _:
            changed = replace(draft, url=_moved(draft.url.strip(), sent_url, proposal.value))
    return changed if changed != draft else None


def _with_content_type(headers: tuple[HeaderDraft, ...], value: str) -> tuple[HeaderDraft, ...]:
    wanted, rest = HeaderDraft("Content-Type", value), []
    places = [at for at, one in enumerate(headers) if one.name.strip().lower() == "content-type"]
    if any(headers[at].is_secret for at in places):
        return headers
    for at, one in enumerate(headers):
        if at not in places:
            rest.append(one)
        elif at == places[0]:
            rest.append(wanted)
    return tuple(rest) if places else (*rest, wanted)


def _with_auth(draft: ActionDraft, kind: str) -> ActionDraft:
    if draft.auth.kind != AuthKind.NONE or not kind:
        return draft
    return replace(draft, auth=replace(draft.auth, kind=kind))


def _moved(template: str, sent: str, moved: str) -> str:
    """The template at the new address; unchanged where nobody can say what that would be."""
    made = _moved_whole(template, sent, moved)
    try:
        UrlTemplate(made)
    except TemplateError:
        return template
    return made


def _moved_whole(template: str, sent: str, moved: str) -> str:
    if not _is_from(template, sent):
        return template
    if "{" not in template:
        return moved
    (_, sent_rest), (start, rest) = start_of(sent), start_of(moved)
    path, sign, query = start_of(template)[1].partition("?")
    if rest == sent_rest:
        return start + path + sign + query
    sent_path, sent_sign, sent_query = sent_rest.partition("?")
    is_closed = path.count("{{") == path.count("}}") and path.count("{%") == path.count("%}")
    if is_closed and rest == f"{sent_path}/{sent_sign}{sent_query}":
        return f"{start}{path}/{sign}{query}"
    return template


def _is_from(template: str, sent: str) -> bool:
    """Whether the delivery went where the action sends now, as far as one can tell."""
    try:
        if "{" not in template:
            return UrlTemplate(template).render({}) == sent
        return lane_of_template(template) == lane_of(sent)
    except (TemplateError, ValueError):
        return False
