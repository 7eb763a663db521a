"""What the tests of dashboard apps share."""

from tests.conversations.conftest import here as here
