"""Recado: a customer-chat desk whose rules call other systems, and never lose a call."""

__version__ = "0.1.0"
