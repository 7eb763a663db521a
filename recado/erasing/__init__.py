"""Erasing a contact: what says anything of them goes, in every slice."""
