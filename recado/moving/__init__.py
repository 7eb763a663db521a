"""Moving in: what an account has at another desk is carried over, once, however often it is asked."""
