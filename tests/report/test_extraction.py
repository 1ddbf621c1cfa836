"""Figures of what was extracted hold the numbers of the findings."""

import pytest

from recbole_fn.report.extraction import held_out, mean_of, popularity, visits
from tests.helpers.report_folder import extracted, job

OTHER = extracted(visits=[1, 1, 2, 0, 4])
VARIANTS = {
    "off": [job("off", 0)],
    "flip": [job("flip", 0, extracts=True), job("flip", 1, extracted=OTHER)],
}


def test_visits_are_the_mean_over_the_seeds():
    figure = visits(VARIANTS).figure
    (trace,) = figure.data
    assert trace.name == "flip" and list(trace.x) == [0, 1, 2, 3, 4]
    assert list(trace.y) == [3, 2, 1, 1, 2]


@pytest.mark.parametrize(("config", "at"), [({"fn_flip_after": 1}, 1.5), ({}, 5.5)])
def test_a_line_parts_what_was_flipped_also_where_m_is_the_default(config, at):
    variants = {"flip": [job("flip", 0, extracts=True, config=config)]}
    assert [shape.x0 for shape in visits(variants).figure.layout.shapes] == [at]


def test_a_number_of_visits_that_no_pair_has_is_no_point_on_a_logarithmic_scale():
    (trace,) = visits({"flip": [job("flip", 0, extracts=True)]}).figure.data
    assert list(trace.y) == [5, 3, None, 2]
    assert mean_of([[1], [1, 4]]).tolist() == [1, 2]


def test_popularity_is_in_shares():
    bars, line = popularity(VARIANTS).figure.data
    assert (bars.name, line.name) == ("flip", "training interactions")
    assert list(bars.y) == [0, 0, 0, 0, 0.25, 0, 0, 0, 0, 0.75]
    assert list(line.y) == pytest.approx([n / 40 for n in (10, 8, 6, 4, 4, 4, 2, 1, 1, 0)])


def test_held_out_shares_stand_beside_chance_and_what_is_not_known_is_no_bar():
    (bars,) = held_out(VARIANTS).figure.data
    assert list(bars.y) == pytest.approx([0.2, 0.05, None, None])


def test_nothing_extracted_draws_no_arm():
    variants = {"off": [job("off", 0)]}
    for picture in (visits(variants), popularity(variants), held_out(variants)):
        assert len(picture.figure.data) == 0
