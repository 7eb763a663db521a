"""The JSON door: REST in the shapes that Chatwoot's clients know."""
