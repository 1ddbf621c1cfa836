"""Lines of the figures hold the records that they stand for; the page fits any screen."""

import pytest

from recbole_fn.simulation.figure import page, pictures
from tests.helpers.page_checks import Page, assert_self_contained

SHARES = ("precision", "lift", "recall", "base", "hard_precision")


def record(mode, neg_num, epoch, m):
    """A record whose shares can be told from each other."""
    place = 1000 * neg_num + 10 * epoch + m
    figures = {share: place + 0.1 * number for number, share in enumerate(SHARES)}
    return {"mode": mode, "neg_num": neg_num, "epoch": epoch, "m": m, **figures}


def lines_of(records, axis):
    """(title, name) -> line, of all figures against an axis."""
    drawn = pictures(records, axis)
    return {(one.title, trace.name): trace for one in drawn for trace in one.figure.data}


def test_a_line_is_the_records_of_an_n_and_a_mode():
    keys = [
        (mode, n, epoch, m)
        for mode in ("counts", "flip")
        for n in (8, 9)
        for epoch in (0, 1)
        for m in (1, 2, 5)
    ]
    records = [record(*key) for key in keys]
    by_m, by_epoch = lines_of(records, "m"), lines_of(records, "epoch")
    assert len(by_m) == len(by_epoch) == 2 * 2 * 3 + 2 * 2
    against_m = by_m["Lift", "N = 9, flipping"]
    assert list(against_m.x) == [1, 2, 5]
    assert list(against_m.y) == [record("flip", 9, 1, m)["lift"] for m in (1, 2, 5)]
    against_epoch = by_epoch["Precision", "N = 8, hard, not extracted"]
    assert list(against_epoch.x) == [0, 1]
    assert list(against_epoch.y) == [record("counts", 8, e, 2)["hard_precision"] for e in (0, 1)]
    assert against_m.line.color != against_epoch.line.color
    assert by_m["Lift", "N = 8, flipping"].line.color == against_epoch.line.color


def test_lines_go_from_left_to_right_whatever_the_order_of_records():
    records = [record("counts", 8, epoch, m) for m in (5, 1, 2) for epoch in (1, 0)]
    for axis, places in (("m", [1, 2, 5]), ("epoch", [0, 1])):
        for line in lines_of(records, axis).values():
            assert list(line.x) == places and list(line.y) == sorted(line.y)


def test_a_mode_without_the_m_in_the_middle_is_drawn_against_m_alone():
    records = [record("counts", 8, 0, m) for m in (1, 2, 5)] + [record("flip", 8, 0, 5)]
    assert ("Precision", "N = 8, flipping") in lines_of(records, "m")
    assert ("Precision", "N = 8, flipping") not in lines_of(records, "epoch")


@pytest.mark.slow
def test_the_page_needs_no_network_and_no_fixed_width():
    records = [record("counts", 8, epoch, m) for epoch in (0, 1) for m in (1, 2, 5)]
    html = page(records, "SASRec on <base>")
    shown = Page(html)
    assert_self_contained(shown)
    assert "After epoch 1" in html and "At m = 2" in html and "SASRec on &lt;base&gt;" in html
    assert [tag for tag, _ in shown.tags].count("figcaption") == 6
    widths = [one.figure.layout.width for axis in ("m", "epoch") for one in pictures(records, axis)]
    assert widths == [None] * 6
