"""compose.yaml sets only what Recado reads, and runs only commands that there are."""

from pathlib import Path

import pytest
import yaml

from recado.settings import read_settings

ROOT = Path(__file__).parent.parent
TOLD = yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.mark.parametrize("name", ["web", "worker"])
def test_every_variable_is_a_setting(name: str, tmp_path: Path) -> None:
    known = (ROOT / "docs" / "operate" / "settings.md").read_text()
    variables = TOLD["services"][name]["environment"]
    assert [one for one in variables if f"`{one.removesuffix('_FILE')}`" not in known] == []
    (tmp_path / "database_url").write_text("postgresql://recado:x@db/recado\n")
    (tmp_path / "key").write_text("k" * 64 + "\n")
    given = {
        one: str(value).replace("/run/secrets", str(tmp_path)) for one, value in variables.items()
    }
    given["RECADO_PUBLIC_URL"] = "https://chat.example.com"
    settings = read_settings({**given, "RECADO_DATA_DIR": str(tmp_path)})
    assert settings.database_url == "postgresql://recado:x@db/recado"
    assert settings.secret_key == "k" * 64


def test_what_is_asked_for_is_declared() -> None:
    services = TOLD["services"]
    assert [services[name]["command"] for name in ("web", "worker")] == [
        "recado web",
        "recado worker",
    ]
    for service in services.values():
        assert set(service["secrets"]) <= set(TOLD["secrets"])
        assert {one.split(":")[0] for one in service["volumes"]} <= set(TOLD["volumes"])
