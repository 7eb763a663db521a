"""Another desk that speaks Chatwoot's API: reading from it, and being connected to it."""
