"""The campaign of faults in short, most of them once: `make faults` is the long form."""

from pathlib import Path

import pytest

from tests.faults.campaign import campaign
from tests.faults.striking import SHORT

# Seconds between two posts of a client: more than can be sent, without a minute of work left at the end.
_PAUSE = 0.1


@pytest.mark.faults
async def test_nothing_is_lost_and_little_doubled_whatever_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = await campaign(tmp_path, SHORT, pause=_PAUSE)
    with capsys.disabled():
        print(f"\n{figures}")  # noqa: T201
    assert figures.lost == 0
    assert figures.acknowledged > 50
