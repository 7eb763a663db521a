"""Effects that write e-mails: the transcript to addresses, a text to teams."""

from collections.abc import Sequence
from typing import Any

from recado.accounts.teams import find_team, team_members
from recado.automation.scenes import Outcome, Scene
from recado.conversations.transcribing import send_transcript, subject_of
from recado.db.database import Transaction
from recado.lib.languages import say, speaking
from recado.lib.mail_servers import mailable
from recado.lib.public_urls import public_url
from recado.lib.templating import TemplateError, render_message
from recado.mail.explaining import why
from recado.mail.models import Email, Kind, Progress
from recado.mail.writing import Asked, Sheet, write_emails


async def email_transcript(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    """Send the transcript to each address, which may come from the facts."""
    try:
        written = render_message(",".join(map(str, params)), scene.facts)
    except TemplateError as error:
        return Outcome("failed", error.sentence)
    addresses = [one.strip() for one in written.split(",") if one.strip()]
    if not addresses:
        return Outcome("skipped", say("There is no e-mail address in this conversation's data."))
    recipients = [one for one in map(mailable, addresses) if one]
    wrong = next((one for one in addresses if mailable(one) is None), None)
    said = say("“%(address)s” is no e-mail address.", address=wrong[:100]) if wrong else None
    if not recipients:
        return Outcome("failed", said)
    emails = await send_transcript(tx, scene.conversation, recipients, _asked(scene), now=scene.now)
    outcome = _outcome(emails)
    return Outcome(outcome.result, outcome.sentence or said, emails=outcome.emails)


async def email_team(tx: Transaction, scene: Scene, params: list[Any]) -> Outcome:
    """Write to everybody in these teams, once to each, with the way to the conversation."""
    given = params[0]
    conversation = scene.conversation
    try:
        text = render_message(str(given["message"]), scene.facts)
    except TemplateError as error:
        return Outcome("failed", error.sentence)
    found = [await find_team(tx, conversation.account_id, int(one)) for one in given["team_ids"]]
    teams = [one for one in found if one]
    if not teams:
        return Outcome("failed", say("This team was deleted."))
    people = [person for team in teams for person in await team_members(tx, team.id)]
    recipients = [one for person in people if (one := mailable(person.email))]
    if not recipients:
        return Outcome("skipped", say("Nobody is in this team."))
    with speaking(conversation.account.language):
        subject = subject_of(conversation)
    link = public_url("app", "conversations", str(conversation.display_id))
    sheet = Sheet(Kind.TEAM, subject, f"{text}\n\n{link}\n")
    return _outcome(await write_emails(tx, sheet, recipients, _asked(scene), now=scene.now))


def _asked(scene: Scene) -> Asked:
    rule, person = scene.rule, scene.person
    name = rule.name if rule else person.name if person else ""
    conversation = scene.conversation
    return Asked(conversation.account_id, name, rule.id if rule else None, conversation.display_id)


def _outcome(emails: Sequence[Email]) -> Outcome:
    """Done where one of them is on its way; otherwise why none is."""
    if all(one.state == Progress.SKIPPED for one in emails):
        return Outcome("skipped", why(emails[0]), emails=tuple(emails))
    sentence = next((why(one) for one in emails if one.state == Progress.SKIPPED), None)
    return Outcome("done", sentence, emails=tuple(emails))
