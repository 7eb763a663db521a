"""Dashboard apps: pages of other systems, beside every conversation."""
