"""An export holds the own schools and is as long as they are many (sec-A35, R130)."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from portal.rules.roles import Role
from portal.services import figure_export
from portal.services.figure_export import Scope, Wanted
from portal.services.refusals import Refusal
from tests.make import Make


def test_schools_of_another_county_are_neither_exported_nor_counted(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row is as much as is allowed here: the neighbour's school must not make it too many."""
    monkeypatch.setattr(figure_export, "MOST_ROWS", 1)
    make.round(), make.school()
    make.school("2199000002", "试验市第二小学", make.county("990102", "试验二区教育局"))
    actor = make.actor(Role.REGISTRAR, make.county())
    told, codes = None, []
    try:
        _name, content = figure_export.export(actor, Wanted(Scope.SCHOOLS, "五月进度会"), str)
        codes = [row[1] for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(5, values_only=True)]
    except Refusal as refusal:
        told = refusal.text
    assert told is None, "what lies elsewhere is not counted"
    assert [code for code in codes if code and str(code).startswith("21")] == ["2199000001"]
