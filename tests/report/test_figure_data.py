"""The CSV files hold what the figures show."""

import pandas as pd
import pytest

from recbole_fn.report import write_report
from recbole_fn.report.curves import validations
from recbole_fn.report.group_lift import lift_pictures
from recbole_fn.report.rank_moves import move_pictures
from recbole_fn.report.reading import read_summary
from tests.helpers.report_folder import job, ranks, write_folder


@pytest.fixture
def folder(own_folder):
    flip = [job("flip", seed, True, target_ranks=ranks(shift=2 + seed)) for seed in (0, 1)]
    write_folder(own_folder, [*(job("off", seed) for seed in (0, 1)), *flip])
    write_report(own_folder)
    return own_folder


@pytest.mark.slow
def test_curves_are_those_of_the_figure(folder):
    frame = pd.read_csv(folder / "curves.csv")
    (picture,) = validations(read_summary(folder).groups[0].variants)
    lines = [trace for trace in picture.figure.data if trace.name]
    assert [trace.name for trace in lines] == frame.variant.unique().tolist()
    for trace in lines:
        of_variant = frame[frame.variant == trace.name]
        assert of_variant.epoch.tolist() == list(trace.x) and set(of_variant.seeds) == {2}
        assert of_variant["mean"].tolist() == pytest.approx(list(trace.y))


@pytest.mark.slow
def test_gains_are_those_of_the_figures(folder):
    frame = pd.read_csv(folder / "gains.csv")
    variants = read_summary(folder).groups[0].variants
    pictures = [*lift_pictures(variants, "off"), *move_pictures(variants, "off")]
    assert frame.by.unique().tolist() == ["popularity", "history_lengths", "rank"]
    for by, picture in zip(frame.by.unique(), pictures, strict=True):
        (bars,), of_figure = picture.figure.data, frame[frame.by == by]
        assert of_figure.group.tolist() == list(bars.x)
        assert of_figure["mean"].tolist() == pytest.approx(list(bars.y))
        assert of_figure.error.tolist() == pytest.approx(list(bars.error_y.array))


def test_counts_of_rows_are_whole_numbers_beside_ranks_without_any(folder):
    lines = (folder / "gains.csv").read_text().splitlines()[1:]
    rows = {line.split(",")[6] for line in lines}
    assert "" in rows and all(one.isdigit() for one in rows - {""}) and len(rows) > 1
