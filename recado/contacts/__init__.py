"""Who writes: contacts, with custom attributes and labels."""
