"""Accounts, the people in them, and who may enter."""
