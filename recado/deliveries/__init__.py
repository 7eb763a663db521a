"""Telling another system, durably. Knows nothing of chat: origins are ids and names."""
