"""E-mail: each is a row before it is sent, and stays one with its state and the reason."""
