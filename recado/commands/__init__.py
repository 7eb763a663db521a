"""What `recado` does besides serving: each command that is more than a few lines, and cli.py names them all."""
