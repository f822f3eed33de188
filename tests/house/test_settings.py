"""Every setting is documented, typed, and unsafe combinations are refused with one line (sec-A49)."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from portal.settings import BadSettings, Settings, load, variable

GUIDE = Path(__file__).parents[2] / "docs" / "operating.md"


@pytest.mark.parametrize("field", fields(Settings), ids=lambda f: f.name)
def test_setting_is_documented(field: object) -> None:
    assert f"`{variable(field.name)}`" in GUIDE.read_text(encoding="utf-8")  # type: ignore[attr-defined]


def test_settings_are_read_from_the_environment() -> None:
    found = load({"DATABASE_URL": "postgresql://db/portal", "PORTAL_READERS": "3", "PORTAL_TRIAL": "1"})
    assert (found.readers, found.trial) == (3, True)
    assert found.database == "postgresql+psycopg://db/portal"


@pytest.mark.parametrize(
    "environment",
    [
        {"PORTAL_READERS": "many"},
        {"PORTAL_READERS": "0"},
        {"PORTAL_HTTPS": "1"},
        {"PORTAL_PROXY": "*"},
        {"PORTAL_PROXY": "proxy.example"},
        {"PORTAL_HTTPS": "1", "PORTAL_BASE_URL": "http://xueji.example"},
        {"PORTAL_BASE_URL": "https://xueji.example"},
        {"PORTAL_HTTPS": "1", "PORTAL_BASE_URL": "https://xueji.example", "PORTAL_TRIAL": "1"},
    ],
)
def test_unsafe_settings_are_refused_in_one_line(environment: dict[str, str]) -> None:
    with pytest.raises(BadSettings) as error:
        load(environment)
    assert "\n" not in str(error.value)
