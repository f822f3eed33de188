"""Where the reader takes a quick way, it finds what the plain way finds."""

import numpy as np
import pytest

from portal.paper import belong, stamps, strokes

REACHES = ((strokes.CROSS_MM, 0.0), (strokes.GAP_MM, strokes.GAP_MM))


def _ink(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of a few scribbles far and near from each other, in the order of the page."""
    rng = np.random.default_rng(seed)
    page = np.zeros((400, 300), np.uint8)
    for _ in range(25):
        top, left = rng.integers(0, 390), rng.integers(0, 290)
        page[top : top + rng.integers(1, 9), left : left + rng.integers(1, 9)] = 1
    rows, columns = np.nonzero(page)
    return rows, columns


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("reach", REACHES)
def test_a_packed_map_joins_what_the_whole_map_joins(seed: int, reach: tuple[float, float]) -> None:
    rows, columns = _ink(seed)
    whole = np.zeros((450, 350), np.uint8)
    whole[rows + 25, columns + 25] = 1
    packed = strokes._packed(rows), strokes._packed(columns)
    small = np.zeros((packed[0].max() + strokes.ROOM + 1, packed[1].max() + strokes.ROOM + 1), np.uint8)
    small[packed] = 1
    assert small.size < whole.size
    plain, quick = strokes._joined(whole, *reach)[rows + 25, columns + 25], strokes._joined(small, *reach)[packed]
    assert len(set(zip(plain, quick, strict=True))) == len(set(plain)) == len(set(quick))


@pytest.mark.parametrize("most", [5, belong.MOST_DENSE])
def test_numbers_are_made_dense_as_by_sorting(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(belong, "MOST_DENSE", most)
    numbers = np.random.default_rng(3).integers(0, 500, 200)
    unlike, places = belong.dense(numbers)
    assert unlike.tolist() == sorted(set(numbers.tolist()))
    assert (unlike[places] == numbers).all()


@pytest.mark.parametrize("radius", stamps.RADII_MM)
def test_no_ring_that_would_be_found_is_ruled_out_by_counting(radius: int) -> None:
    ring = (stamps._ring(radius) > 0).astype(np.float32)
    red = np.pad(ring, 40)
    half = red.copy()
    half[:, : half.shape[1] // 2 - radius // 4] = 0  # the rest lies off the page or on black print
    light = (np.arange(red.shape[1]) >= red.shape[1] // 2 - radius // 4) * np.ones_like(red)
    for seen, on in ((red, np.ones_like(red)), (half, light)):
        if stamps._best_ring(seen, on, radius)[0] >= stamps.LEAST_RING:
            assert stamps._may_be(seen, radius)
    assert stamps._may_be(red, radius)
    assert not stamps._may_be(np.zeros_like(red), radius)
    few = np.zeros_like(red)
    few[::20, ::20] = 1
    assert not stamps._may_be(few, radius)
