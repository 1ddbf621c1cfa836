"""Curves are means over the seeds, with a band of a standard deviation."""

from dataclasses import replace

import numpy as np
import pytest

from recbole_fn.report.curves import curve, extraction, losses, validations
from tests.helpers.report_folder import epochs, job

VARIANTS = {
    "off": [job("off", 0), job("off", 1, number=2)],
    "flip": [job("flip", seed, extracts=True) for seed in (0, 1, 3)],
}


def line_of(picture, variant):
    (trace,) = [trace for trace in picture.figure.data if trace.name == variant]
    return list(trace.x), list(trace.y)


def band_of(picture, variant):
    (trace,) = [one for one in picture.figure.data if one.legendgroup == variant and not one.name]
    return list(trace.x), list(trace.y)


def test_lines_are_means_over_the_seeds():
    x, y = line_of(losses(VARIANTS), "flip")
    assert x == [0, 1, 2, 3]
    assert y == pytest.approx([np.mean([100, 110, 130]) - epoch for epoch in x])


def test_bands_are_a_standard_deviation_to_each_side():
    x, y = band_of(losses(VARIANTS), "flip")
    means, std = np.array(line_of(losses(VARIANTS), "flip")[1]), np.std([0, 10, 30], ddof=1)
    assert x == [0, 1, 2, 3, 3, 2, 1, 0]
    assert y == pytest.approx([*(means + std), *(means - std)[::-1]])


def test_a_seed_that_stopped_early_counts_as_far_as_it_got():
    assert line_of(losses(VARIANTS), "off")[1] == pytest.approx([105, 104, 98, 97])
    assert curve(
        VARIANTS["off"], lambda job: dict(enumerate(e.train_loss for e in job.history))
    ).stds[2:] == [0, 0]


def test_epochs_without_validation_are_left_out():
    (picture,) = validations(VARIANTS)
    x, y = line_of(picture, "off")
    assert x == [1, 2, 3] and y == pytest.approx([0.105, 0.2, 0.3])


def test_each_ranking_has_a_curve():
    history = [
        replace(epoch, valid={"ndcg@10": 0.5, "ndcg@10/uni9": 0.6 + epoch.epoch, "hit@1/uni9": 0})
        for epoch in epochs(0, 3, extracts=False)
    ]
    test = {"ndcg@10": 0.1, "hit@1": 0.1, "ndcg@10/uni9": 0.4, "hit@1/uni9": 0.2}
    pictures = validations({"off": [job("off", 0, history=history, test=test)]})
    assert [one.title for one in pictures] == ["Validation: ndcg@10", "Validation: ndcg@10/uni9"]
    assert line_of(pictures[1], "off") == ([0, 1, 2], [0.6, 1.6, 2.6])


def test_extraction_is_drawn_of_variants_that_extract():
    hard, flips, rate = extraction(VARIANTS)
    assert {trace.name for trace in hard.figure.data} == {None, "flip"}  # None: the band
    assert line_of(hard, "flip")[1] == pytest.approx([50 + 4 / 3] * 3)
    assert line_of(flips, "flip") == ([1, 2, 3], [7, 14, 21])
    assert line_of(rate, "flip")[1] == pytest.approx([0.01, 0.02, 0.03])


def test_one_seed_has_no_band():
    assert len(losses({"off": [job("off", 0)]}).figure.data) == 1
