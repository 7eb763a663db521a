"""Plain Python that knows nothing of chat, web or database."""
