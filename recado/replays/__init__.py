"""Sending again: many deliveries at a time, as they were or made anew."""
