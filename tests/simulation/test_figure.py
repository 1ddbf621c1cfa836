"""Lines of the picture hold the records that they stand for."""

from recbole_fn.simulation.figure import draw

SHARES = ("precision", "lift", "recall", "base", "hard_precision")


def record(mode, neg_num, epoch, m):
    """A record whose shares can be told from each other."""
    place = 1000 * neg_num + 10 * epoch + m
    figures = {share: place + 0.1 * number for number, share in enumerate(SHARES)}
    return {"mode": mode, "neg_num": neg_num, "epoch": epoch, "m": m, **figures}


def test_a_line_is_the_records_of_an_n_and_a_mode():
    keys = [
        (mode, n, epoch, m)
        for mode in ("counts", "flip")
        for n in (8, 9)
        for epoch in (0, 1)
        for m in (1, 2, 5)
    ]
    figure = draw([record(*key) for key in keys], "a title")
    lines = {(trace.name, trace.yaxis): trace for trace in figure.data}
    assert len(lines) == len(figure.data) == 2 * 2 * 6 + 2 * 2 * 2
    against_m = lines["N = 9, flipping", "y2"]  # lift
    assert list(against_m.x) == [1, 2, 5]
    assert list(against_m.y) == [record("flip", 9, 1, m)["lift"] for m in (1, 2, 5)]
    against_epoch = lines["N = 8, hard, not extracted", "y4"]
    assert list(against_epoch.x) == [0, 1]
    assert list(against_epoch.y) == [record("counts", 8, e, 2)["hard_precision"] for e in (0, 1)]
    assert against_m.line.color != against_epoch.line.color
    titles = [title.text for title in figure.layout.annotations]
    assert titles[:4] == [
        "Precision after epoch 1",
        "Lift after epoch 1",
        "Recall after epoch 1",
        "Precision at m = 2",
    ]


def test_a_mode_without_the_m_in_the_middle_is_drawn_against_m_alone():
    records = [record("counts", 8, 0, m) for m in (1, 2, 5)] + [record("flip", 8, 0, 5)]
    names = [(trace.name, trace.yaxis) for trace in draw(records, "").data]
    assert ("N = 8, flipping", "y") in names and ("N = 8, flipping", "y4") not in names
