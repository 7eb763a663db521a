"""Every table in one place: what migrations are compared with."""

from recado.accounts import models as _accounts
from recado.actions import models as _actions
from recado.automation import models as _automation
from recado.chatwoot import models as _chatwoot
from recado.contacts import models as _contacts
from recado.conversations import models as _conversations
from recado.dashboards import models as _dashboards
from recado.db.tables import Table
from recado.deliveries import models as _deliveries
from recado.events import models as _events
from recado.inboxes import models as _inboxes
from recado.mail import models as _mail
from recado.mailboxes import models as _mailboxes
from recado.notifications import models as _notifications
from recado.replays import models as _replays
from recado.reports import models as _reports
from recado.webhooks import models as _webhooks

SLICES = (
    _accounts, _actions, _automation, _chatwoot, _contacts, _conversations, _dashboards, _deliveries, _events,
    _inboxes, _mail, _mailboxes, _notifications, _replays, _reports, _webhooks,
)  # fmt: skip
metadata = Table.metadata
