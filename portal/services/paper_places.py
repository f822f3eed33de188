"""Where on the flattened page 1 an item is written, for the frame around it on screens."""

from __future__ import annotations

from portal.paper import layout

Spot = tuple[float, float, float, float]


def on_page(item: str) -> Spot | None:
    """Left, top, width and height of an item's change box in percent of page 1; None for what has no box."""
    page = layout.current().page(1)
    try:
        box = page.box(item, "change")
    except KeyError:
        return None
    wide, high = 100 / page.width_mm, 100 / page.height_mm
    return round(box.x_mm * wide, 2), round(box.y_mm * high, 2), round(box.w_mm * wide, 2), round(box.h_mm * high, 2)
