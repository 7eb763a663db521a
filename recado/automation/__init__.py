"""Rules: what happened + conditions -> effects. The thinking is plain Python, tested without a database."""
