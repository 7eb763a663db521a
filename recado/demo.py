"""`recado demo`: a sample account, and a receiver beside it that echoes what it is sent."""


def demonstrate(settings: object, *, fill_only: bool) -> None:
    raise NotImplementedError
