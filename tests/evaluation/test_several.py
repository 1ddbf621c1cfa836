"""Further rankings of the same weights are what each gives as the only ranking."""

from itertools import permutations

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from recbole_fn.data.history import UserHistories
from recbole_fn.evaluation.sampled import draw_by_popularity
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import fit, pieces

RECBOLE_CE = {"fn_enabled": False, "loss_type": "CE", "train_neg_sample_args": None}
VARIANTS = {"flip": {"fn_start": 1}, "off": {"fn_strategy": "off"}, "recbole": RECBOLE_CE}
METRICS = ["NDCG", "Recall", "MRR", "GAUC"]
EXACT = {"metrics": METRICS, "metric_decimal_place": 17}
# RecBole's own collector cannot collect what these need.
OF_LISTS = {"metrics": [*METRICS, "ItemCoverage", "AveragePopularity"]}
ALONE = {
    "full": {},
    "unseen": {"fn_eval_exclude": "history"},
    "uni9": {"fn_eval_candidates": 9},
}


def evaluated(**keys):
    """What a run's last validation and its test find."""
    run = pieces(**{**EXACT, **keys}, eval_batch_size=13)
    fit(run)
    return [
        run.trainer.evaluate(data, load_best_model=False)
        for data in (run.valid_data, run.test_data)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("main", ALONE)
def test_a_further_ranking_gives_what_it_gives_alone(variant, main):
    keys, others = VARIANTS[variant], [name for name in ALONE if name != main]
    if variant != "recbole":
        keys = {**keys, **OF_LISTS}
    several = evaluated(**keys, **ALONE[main], fn_eval_also=others)
    for name, its_keys in ALONE.items():
        mark = "" if name == main else f"/{name}"
        for metrics, alone in zip(several, evaluated(**keys, **its_keys), strict=True):
            # RecBole's own collector sums in another order of rows.
            held = {metric: metrics[metric + mark] for metric in alone}
            assert held == pytest.approx(dict(alone), rel=1e-12)


@pytest.mark.slow
def test_training_is_the_same_with_further_rankings():
    losses = []
    for also in (None, ["unseen", 7, "pop7"]):
        run = pieces(fn_eval_also=also, fn_start=1)
        fit(run)
        losses.append(run.trainer.train_loss_dict)
    assert losses[0] == losses[1] and len(losses[0]) == 3


@pytest.mark.slow
def test_a_further_ranking_can_choose_the_best_epoch():
    run = pieces(fn_eval_also=9, valid_metric="NDCG@10/uni9", epochs=3)
    fit(run)
    scores = run.trainer.fn_state.scores
    assert run.trainer.best_valid_score == max(scores)
    assert run.trainer.best_valid_result["ndcg@10/uni9"] == max(scores)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"fn_eval_also": "uni0"}, "fn_eval_also is 'uni0'; it must be full, unseen"),
        ({"fn_eval_also": []}, r"fn_eval_also is \[\]; it must be"),
        ({"fn_eval_also": [9, "all"]}, "it must be full, unseen"),
        ({"fn_eval_also": "full"}, "but full is the ranking of validation and test already"),
        ({"fn_eval_also": 9, "fn_eval_candidates": 9}, "but uni9 is the ranking"),
    ],
)
def test_a_mistake_is_one_line(keys, message):
    with pytest.raises(InputError, match=message) as error:
        pieces(**keys)
    assert "\n" not in str(error.value)


def orders(weights, draws):
    """The probability of each set of items, by adding up the orders they can be drawn in."""
    probabilities = {}
    for order in permutations(weights, draws):
        left, probability = sum(weights.values()), 1.0
        for item in order:
            probability *= weights[item] / left
            left -= weights[item]
        key = tuple(sorted(order))
        probabilities[key] = probabilities.get(key, 0) + probability
    return probabilities


@pytest.mark.slow
def test_popular_candidates_are_drawn_one_after_another_in_proportion():
    users, counts, seen = 6001, torch.tensor([0, 8, 3, 0, 1, 4, 9]), 6
    pairs = torch.arange(1, users) * len(counts) + seen
    histories = UserHistories.from_pairs(pairs, users, len(counts))
    drawn = draw_by_popularity(histories, counts, 2)[1:]
    expected = orders({1: 8, 2: 3, 4: 1, 5: 4}, 2)
    keys = [tuple(sorted(row)) for row in drawn.tolist()]
    seen_counts = [keys.count(key) for key in expected]
    assert sum(seen_counts) == users - 1
    assert chisquare(seen_counts, np.array(list(expected.values())) * (users - 1)).pvalue > 1e-4


def test_popular_candidates_end_where_no_item_is_left():
    histories = UserHistories.from_pairs(torch.tensor([7 + 1]), 2, 7)
    drawn = draw_by_popularity(histories, torch.tensor([0, 5, 2, 0, 0, 1, 0]), 4)
    assert sorted(drawn[1].tolist()) == [0, 0, 2, 5]
