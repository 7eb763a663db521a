"""What people ask of a desk: how many conversations, how fast, and how the calls went."""
