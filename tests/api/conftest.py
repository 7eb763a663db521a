"""Programs of the cast, for every test of the API."""

import pytest

from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.people import Cast


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    """Ana's program: she administers the account."""
    return programs(visitor, cast)[0]


@pytest.fixture
def agent_api(visitor: Browser, cast: Cast) -> Program:
    """Beto's program: he answers in the inbox Site."""
    return programs(visitor, cast)[1]


@pytest.fixture
def stranger_api(visitor: Browser, cast: Cast) -> Program:
    """Célia's program, in her own account."""
    return programs(visitor, cast)[2]
