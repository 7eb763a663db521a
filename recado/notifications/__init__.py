"""Telling people what waits for them: in the page, by the browser, by e-mail."""
