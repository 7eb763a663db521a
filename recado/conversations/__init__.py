"""Conversations and messages: the verbs of chatting."""
