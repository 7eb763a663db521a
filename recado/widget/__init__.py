"""The visitor's side: the script that a website includes, and the page inside its frame.

What visitors read and write goes through the client API (`api/client.py`) and `/cable`; nothing here
knows a conversation.
"""
