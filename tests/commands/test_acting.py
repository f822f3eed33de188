"""A file that a command writes is whole under its name, or not there at all (sec-R18)."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.commands.acting import whole_file


def test_nothing_is_left_of_a_file_that_gets_no_name(tmp_path: Path) -> None:
    """Its content is pupils' data, and nobody looks for files that begin with a dot."""
    (tmp_path / "out").mkdir()
    with pytest.raises(OSError, match="irectory"), whole_file(tmp_path / "out") as out:
        out.write(b"names and numbers")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_is_for_its_owner_only(tmp_path: Path) -> None:
    with whole_file(tmp_path / "out.xlsx") as out:
        out.write(b"names and numbers")
    assert (tmp_path / "out.xlsx").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]
