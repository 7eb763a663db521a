"""The kinds of who has a webhook; deliveries keep these names."""

from enum import StrEnum


class Teller(StrEnum):
    """Whose address it is."""

    WEBHOOK = "webhook"  # of the account
    INBOX = "inbox"  # an API inbox: its messages leave only this way
    AGENT_BOT = "agent_bot"
    RULE = "rule"  # the effect of an automation rule
    CHATWOOT = "chatwoot"  # a desk whose conversations are mirrored here
