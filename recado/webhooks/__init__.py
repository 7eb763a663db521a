"""What is told to other systems in the shapes of Chatwoot: account webhooks and API inboxes."""
