"""What happened: the outbox that rules read, and the closed list of names."""
