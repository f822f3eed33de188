"""What of a run would have to be cut, and which characters no font has: known before anything is printed."""

from collections.abc import Iterable

from portal.paper import layout as layouts
from portal.paper import slots
from portal.paper.content import Findings, Run, SheetData
from portal.paper.fonts import Fonts
from portal.paper.identity import PaperKey
from portal.paper.stamping import Stamper


def check_sheets(sheets: Iterable[SheetData], run: Run, key: PaperKey) -> Findings:
    """The findings of these sheets as `print_sheets` would report them; nothing is laid out.

    Raises FontError, which says what to install.
    """
    stamper = Stamper(layouts.current(), slots.current(), run, key, Fonts())
    for sheet in sheets:
        stamper.examine(sheet)
    return stamper.findings
