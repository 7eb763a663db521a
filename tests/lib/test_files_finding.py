"""What `recado doctor` says about the place where files lie."""

from dataclasses import replace
from pathlib import Path

import pytest

from recado.commands.doctor import files_finding
from recado.lib.buckets import bucket
from recado.settings import Settings
from tests.lib.storage import SECRET, address, storage


async def test_a_folder_is_well(settings: Settings) -> None:
    finding = await files_finding(settings)
    assert (finding.is_well, finding.what.startswith("files: ")) == (True, True)
    assert [one for one in settings.files_dir.rglob("*") if one.is_file()] == []


async def test_a_bucket_is_well_or_says_why_not(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    async with storage(tmp_path / "kept") as port:
        finding = await files_finding(replace(settings, bucket=bucket(address(port))))
        assert finding.is_well, finding.what
        assert SECRET not in finding.what
        wrong = bucket(address(port, secret="wrong"))
        finding = await files_finding(replace(settings, bucket=wrong))
    assert not finding.is_well
    assert "403 SignatureDoesNotMatch" in finding.what
    assert "RECADO_FILES_URL" in finding.what


async def test_metadata_addresses_are_refused_even_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recado.lib.bucket_storing._WAITS", ())
    inside = bucket("s3://k:s@169.254.169.254/files?tls=none")
    finding = await files_finding(replace(settings, bucket=inside))
    assert not finding.is_well
    assert "address_refused" in finding.what
