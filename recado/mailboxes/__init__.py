"""E-mail inboxes: what lies in a mailbox becomes messages, and answers go out by its mail server."""
