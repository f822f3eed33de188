"""The measured report on reading: seeds kept apart, faults counted as they are, missed goals said plainly."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import read_photos, read_pictures, read_report, read_run, read_scores
from tests.paper import workshop

BOX = "name"


def _answer(**other: object) -> dict[str, object]:
    fine = {
        "kind": "typical", "seed": 2_000_000, "cpu_ms": 80.0, "wrong": False, "due": False, "asked": False,
        "named": True, "right": 3, "extra": [], "missed": [], "unsure": 0, "boxes": 67, "ticks": [1, 1],
        "signed": [True, True], "reasons": [[], []],
    }  # fmt: skip
    return fine | other


def _special(told: bool, kind: str = "two_sheets") -> dict[str, object]:
    return {"kind": kind, "seed": 2_000_001, "cpu_ms": 60.0, "wrong": False, "told": told}


def test_tuning_sample_and_report_never_share_a_photo() -> None:
    ranges = (read_run.TUNING, read_run.SAMPLE, read_run.REPORT)
    seeds = [{seed for _, seed in read_run.jobs(range_)} for range_ in ranges]
    assert all(found <= set(range_) for found, range_ in zip(seeds, ranges, strict=True))
    assert not set(read_run.TUNING) & set(read_run.SAMPLE)
    assert not set(read_run.REPORT) & (set(read_run.TUNING) | set(read_run.SAMPLE))
    assert all(len(found) == sum(read_run.COUNTS.values()) for found in seeds)


def test_the_report_has_the_photos_that_were_asked_for() -> None:
    assert sum(read_run.COUNTS.values()) >= 3000
    for kind in ("lost_corner", "other_deployment", "earlier_round", "two_sheets"):
        assert read_run.COUNTS[kind] >= 300
    assert set(workshop.CONDITIONS) <= set(read_run.COUNTS) == set(read_report.SAID)
    assert max(read_run.COUNTS.values()) <= read_run.ROOM


def test_any_first_part_of_the_run_has_every_condition() -> None:
    first = read_run.jobs(read_run.REPORT)[: sum(read_run.COUNTS.values()) // 8]
    assert {kind for kind, _ in first} == set(read_run.COUNTS)


def test_what_is_kept_is_not_read_again(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text(json.dumps(_answer(seed=7)) + "\n")
    assert read_run.answers(tmp_path, [("typical", 7)], kept) == [_answer(seed=7)]
    assert read_run.answers(tmp_path, [("typical", 7), ("typical", 8)], kept, minutes=0) == [_answer(seed=7)]


def test_another_reader_is_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "portal/paper").mkdir(parents=True)
    module = tmp_path / "portal/paper/ink.py"
    monkeypatch.setattr(read_run, "ROOT", tmp_path)
    module.write_text("LIMIT = 1")
    before = read_run.version()
    module.write_text("LIMIT = 2")
    assert read_run.version() != before


def test_scores_count_boxes_signatures_and_retakes() -> None:
    found = read_scores.scores(
        [
            _answer(right=8, extra=["a"], missed=["b"], unsure=1, boxes=40),
            _answer(signed=[True, None], right=0, boxes=60, asked=True),
            _answer(due=True, asked=True, missed=["c"], signed=[True, False], named=False),
            _answer(due=True, asked=False),
            _special(True),
        ]
    )
    assert (found["photos"], found["due"], found["wrong"]) == (5, 2, 0)
    assert (found["matched"], found["named"], found["special_told"]) == (1.0, 0.75, 1.0)
    assert (found["ink_precision"], found["ink_recall"], found["ink_f1"]) == (0.8889, 0.8889, 0.8889)
    assert (found["unsure"], found["signature_f1"]) == (0.01, 0.6667)
    assert (found["retake_recall"], found["false_retake"]) == (0.5, 0.5)


def test_an_empty_set_measures_nothing() -> None:
    assert read_scores.scores([])["ink_f1"] is None
    assert read_scores.scores([_special(False)])["retake_recall"] is None


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, []),
        ({"wrong": True}, ["wrong"]),
        ({"due": True}, ["no_retake"]),
        ({"due": True, "asked": True, "missed": ["a"]}, []),
        ({"asked": True}, ["false_retake"]),
        ({"named": False, "asked": True}, ["unnamed"]),
        ({"missed": ["a"], "extra": ["b"]}, ["missed", "extra"]),
        ({"signed": [False, None]}, ["signature"]),
    ],
)
def test_faults_of_a_photo(changed: dict[str, object], faults: list[str]) -> None:
    assert read_scores.faults(_answer(**changed)) == faults


def test_what_is_not_told_is_a_fault() -> None:
    assert read_scores.faults(_special(False)) == ["untold"]
    assert read_scores.faults(_special(True)) == []


def _figures(answers: list[dict[str, object]]) -> dict[str, object]:
    times = {"median_ms": 95.0, "p95_ms": 120.0, "half_scale_decode_ms": 20.0, "ratio": 6.5, "peak_mb": 120.0}
    return times | read_scores.scores(answers) | {"conditions": read_scores.by_condition(answers)}


def test_the_report_says_plainly_what_is_missed() -> None:
    answers = [_answer(missed=[BOX]), _answer(kind="glare", due=True), _special(True)]
    said = read_report.text(_figures(answers), answers, {"missed": answers[0]})
    lines = {line.split(" | ")[0]: line for line in said.splitlines() if line.startswith("| ")}
    assert lines["| wrong pupil named"].endswith("| 0 | 0 | yes |")
    assert lines["| the same as times of a half-scale decoding"].endswith("| 6.5 | **no** |")
    assert lines["| retake asked for where it is due"].endswith("| 0.00 % | **no** |")
    assert sum(line.startswith("| `") for line in said.splitlines()) == 3
    assert "taken for an empty box: 1 photos, most in `typical` 1." in said
    assert "(pictures/reading-missed.jpg) `typical`, seed 2000000, box `name`" in said
    assert "wrong pupil named: none" in said
    assert f"3 of {sum(read_run.COUNTS.values()):,} photos" in said


def test_pictures_of_faults_are_few_and_small(tmp_path: Path) -> None:
    read_photos.print_pages(tmp_path, 1, read_run.TUNING.start)
    (tmp_path / "reading-old.jpg").write_bytes(b"of an earlier run")
    answers = [_answer(seed=5, missed=[BOX]), _answer(seed=5, asked=True), _special(False, "other_deployment")]
    shown = read_pictures.draw(tmp_path, answers, tmp_path)
    assert list(shown) == ["missed", "false_retake", "untold"]
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("reading-*.jpg")}
    assert set(sizes) == {"reading-missed.jpg", "reading-false-retake.jpg", "reading-untold.jpg"}
    assert max(sizes.values()) <= read_pictures.MOST_BYTES
    box = cv2.imdecode(np.frombuffer((tmp_path / "reading-missed.jpg").read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert box is not None
    assert box.shape[1] <= read_pictures.WIDE
    assert box.shape[0] < box.shape[1]
