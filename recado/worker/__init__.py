"""The background process: runs the rules on what happened, and sends what is due."""
