"""What an account settles for itself: its name, language, time zone, and how long the log is kept."""

from dataclasses import dataclass

from recado.accounts.auditing import FEWEST_DAYS, MOST_DAYS
from recado.accounts.models import Account
from recado.accounts.people import outdate_rules
from recado.db.database import Transaction
from recado.lib.calendars import known_zone
from recado.lib.languages import LANGUAGES, Sentence, say
from recado.lib.names import name_problem


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """What somebody typed about the account: raw text."""

    name: str
    language: str
    time_zone: str
    audit_days: str

    @classmethod
    def of(cls, account: Account) -> "AccountDraft":
        """As it is now."""
        return cls(account.name, account.language, account.time_zone, str(account.audit_days))


def account_problems(draft: AccountDraft) -> dict[str, Sentence]:
    """What is wrong, by field; empty when nothing is."""
    problems: dict[str, Sentence] = {}
    if problem := name_problem(draft.name):
        problems["name"] = problem
    if draft.language not in LANGUAGES:
        problems["language"] = say("Choose one of: %(choices)s.", choices=", ".join(LANGUAGES))
    if known_zone(draft.time_zone) is None:
        problems["time_zone"] = say("There is no such time zone.")
    days = draft.audit_days.strip()
    is_number = days.isascii() and days.isdigit() and len(days) < 6
    if not is_number or not FEWEST_DAYS <= int(days) <= MOST_DAYS:
        problems["audit_days"] = say(
            "Enter a number of days from %(least)s to %(most)s.", least=FEWEST_DAYS, most=MOST_DAYS
        )
    return problems


async def settle_account(tx: Transaction, account_id: int, draft: AccountDraft) -> None:
    """Keep a draft that has no problems. Inboxes keep their own time zones."""
    account = await tx.get_one(Account, account_id)
    account.name, account.language = draft.name.strip(), draft.language
    account.time_zone, account.audit_days = draft.time_zone, int(draft.audit_days)
    await tx.flush()
    await outdate_rules(tx, account_id)
