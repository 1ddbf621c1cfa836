"""Kinds of feedback in a report: cosines and distances as they are, and gains by their share."""

import numpy as np
import pytest
import torch

from recbole_fn.feedback.input_embedding import KindEmbedding
from recbole_fn.feedback.log import FeedbackLog
from recbole_fn.report import write_report
from recbole_fn.report.group_lift import grouped, lift_pictures
from recbole_fn.report.kinds import cosines, kind_pictures, projected
from tests.helpers.report_folder import ROWS, job, ranks, write_folder

VECTORS = {"positive": [1.0, 0.0, 2.0], "neutral": [0.5, 1.0, 0.0], "negative": [-1.0, 3.0, 1.0]}


def test_cosines_are_those_of_the_model():
    embedding = KindEmbedding(["[PAD]", *VECTORS], hidden=3, field="kinds")
    embedding.table.weight.data[1:] = torch.tensor(list(VECTORS.values()))
    assert embedding.vectors() == VECTORS
    ours = {tuple(pair.split(", ")): value for pair, value in cosines(VECTORS).items()}
    assert ours == pytest.approx(embedding.cosines())
    assert cosines({"a": [0.0], "b": [1.0]}) == {"a, b": 0.0}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_up_to_three_kinds_keep_their_distances(number):
    vectors = np.random.default_rng(number).normal(size=(number, 6))
    plane = projected(vectors)
    assert plane.shape == (number, 2)
    for a in range(number):
        for b in range(number):
            distance = np.linalg.norm(vectors[a] - vectors[b])
            assert np.linalg.norm(plane[a] - plane[b]) == pytest.approx(distance, abs=1e-9)


def test_pictures_have_the_variants_with_typed_inputs():
    opposite = {**VECTORS, "negative": [-1.0, 0.0, -2.0]}
    typed = [job("typed", 0, kinds=VECTORS), job("typed", 1, kinds=opposite)]
    bars, points = kind_pictures({"off": [job("off", 0)], "typed": typed})
    assert [trace.name for trace in bars.figure.data] == ["typed"]
    both = [cosines(VECTORS), cosines(opposite)]
    means = [np.mean([one[pair] for one in both]) for pair in both[0]]
    assert list(bars.figure.data[0].y) == pytest.approx(means)
    assert list(points.figure.data[0].text) == list(VECTORS)
    assert kind_pictures({"off": [job("off", 0)]}) == []


def test_percents_equal_a_loop():
    generator = torch.Generator().manual_seed(5)
    users = torch.randint(1, 5, (60,), generator=generator).sort().values
    kinds = torch.randint(-1, 2, (60,), generator=generator)
    found = FeedbackLog(users, torch.arange(60), kinds).negative_percent().tolist()
    for n in range(60):
        before = [int(kinds[m]) for m in range(n) if users[m] == users[n]]
        assert found[n] == round(100 * before.count(-1) / max(len(before), 1))


def test_gains_are_grouped_by_negative_feedback_where_there_is_any():
    percents = np.arange(ROWS) % 4 * 25
    variants = {
        "off": [job("off", 0, target_ranks=ranks(negative_percents=percents))],
        "flip": [job("flip", 0, target_ranks=ranks(shift=1, negative_percents=percents))],
    }
    titles = [picture.title for picture in lift_pictures(variants, "off")]
    assert titles[-1] == "Gain by negative feedback" and len(titles) == 3
    lifts = grouped(variants["flip"], variants["off"], "ndcg@10", "negative_percents")
    assert [(lift.label, lift.rows) for lift in lifts] == [(f"{n}", 10) for n in (0, 25, 50, 75)]
    assert len(lift_pictures({"off": [job("off", 0)]}, "off")) == 2


@pytest.mark.slow
def test_a_folder_keeps_them_and_the_page_shows_them(own_folder):
    percents = np.arange(ROWS)
    of_rows = {"target_ranks": ranks(negative_percents=percents)}
    write_folder(own_folder, [job("off", 0, **of_rows), job("typed", 0, kinds=VECTORS, **of_rows)])
    page = write_report(own_folder).read_text()
    assert "Cosines of kinds" in page and "Kinds in a plane" in page
    assert "Gain by negative feedback" in page
