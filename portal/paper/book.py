"""The file of a print run: page contents go out at once; fonts, resources and the page tree follow at the end."""

from collections.abc import Iterable
from io import BytesIO
from typing import BinaryIO

import pikepdf

from portal.paper.content import Run
from portal.paper.fontembed import embed
from portal.paper.fonts import Fonts
from portal.paper.form import BlankForm
from portal.paper.pdffile import PdfFile
from portal.paper.stamping import DOUBT_MM, POINTS

_PAGES_PER_NODE = 100


class Book:
    """The pages of one run, written to `out` from start to end."""

    def __init__(self, out: BinaryIO, form: BlankForm, run: Run) -> None:
        self._file = PdfFile(out)
        self._run = run
        with pikepdf.open(BytesIO(form.pdf)) as source:
            forms = [source.make_indirect(page.as_form_xobject()).objgen[0] for page in source.pages]
            self._file.take_over(source)
        self._size = tuple(side * POINTS for side in (form.layout.pages[0].width_mm, form.layout.pages[0].height_mm))
        self._tree = self._file.reserve()
        self._resources = self._file.reserve()
        self._doubt = self._file.reserve()
        self._forms = forms
        self._nodes: list[int] = []
        self._kids: list[int] = []
        self._node = self._file.reserve()
        self._count = 0

    def add(self, content: bytes) -> None:
        """One page."""
        page, stream = self._file.reserve(), self._file.reserve()
        self._file.stream(stream, content)
        self._file.write(page, b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (self._node, stream))
        self._kids.append(page)
        self._count += 1
        if len(self._kids) == _PAGES_PER_NODE:
            self._close_node()
            self._node = self._file.reserve()

    def finish(self, fonts: Fonts) -> None:
        """Everything that is known only now: fonts, resources, page tree, catalogue."""
        if self._kids or not self._nodes:
            self._close_node()
        faces = embed(self._file, fonts)
        self._file.stream(self._doubt, _DOUBT_MARK.encode(), _DOUBT_ENTRIES.encode())
        named = [(f"P{at}", number) for at, number in enumerate(self._forms, start=1)] + [("D", self._doubt)]
        self._file.write(
            self._resources,
            f"<</Font<<{_references((f'F{at}', n) for at, n in enumerate(faces))}>>"
            f"/XObject<<{_references(named)}>>>>".encode(),
        )
        kids = " ".join(f"{node} 0 R" for node in self._nodes)
        width, height = self._size
        self._file.write(
            self._tree,
            f"<</Type/Pages/Count {self._count}/Kids[{kids}]/Resources {self._resources} 0 R"
            f"/MediaBox[0 0 {width:.3f} {height:.3f}]>>".encode(),
        )
        self._file.finish(self._catalogue(), self._information())

    def _close_node(self) -> None:
        kids = " ".join(f"{kid} 0 R" for kid in self._kids)
        self._file.write(
            self._node, f"<</Type/Pages/Parent {self._tree} 0 R/Count {len(self._kids)}/Kids[{kids}]>>".encode()
        )
        self._nodes.append(self._node)
        self._kids = []

    def _catalogue(self) -> int:
        number = self._file.reserve()
        self._file.write(
            number,
            f"<</Type/Catalog/Pages {self._tree} 0 R/Lang(zh-CN)/ViewerPreferences"
            "<</PrintScaling/None/Duplex/DuplexFlipLongEdge/DisplayDocTitle true>>>>".encode(),
        )
        return number

    def _information(self) -> int:
        number = self._file.reserve()
        title = f"{self._run.round_title} {self._run.number}".encode("utf-16-be").hex()
        self._file.write(number, f"<</Title<FEFF{title}>>>".encode())
        return number


def _references(named: Iterable[tuple[str, int]]) -> str:
    return "".join(f"/{name} {number} 0 R" for name, number in named)


_SIDE = DOUBT_MM * POINTS
_DOUBT_ENTRIES = f"/Type/XObject/Subtype/Form/BBox[0 0 {_SIDE:.2f} {_SIDE:.2f}]"
# A black disc with a white question mark, drawn in a square of 100 units.
_DOUBT_MARK = (
    f"{_SIDE / 100:.5f} 0 0 {_SIDE / 100:.5f} 0 0 cm 100 50 m 100 77.6 77.6 100 50 100 c 22.4 100 0 77.6 0 50 c "
    "0 22.4 22.4 0 50 0 c 77.6 0 100 22.4 100 50 c f 1 G 1 g 11 w 0 J "
    "31 63 m 31 76 40 82 50 82 c 61 82 69 75 69 65 c 69 52 50 51 50 36 c S 43.5 16 13 13 re f"
)
