"""The share of recommended items that are liked equals a loop over users and items."""

import pytest
import torch

from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.recommended import liked_fraction
from recbole_fn.simulation.row_truth import row_truth
from recbole_fn.simulation.skips import simulate_skips
from recbole_fn.simulation.truth import write_data
from recbole_fn.simulation.world import simulate
from tests.helpers.runs import fit, pieces

KINDS = {
    "fn_feedback_field": "event",
    "fn_feedback_negative": "== skip",
    "fn_feedback_neutral": "== take",
    "fn_strategy": "off",
}
OPTIONS = WorldOptions(users=30, items=60, length=9, slate=20, liked=0.3)
SKIPS = WorldOptions(users=30, items=60, length=9, slate=20, liked=0.3, skips=2)


def affinity(truth, user, step, item):
    return float(truth.tastes[user, step].astype("float32") @ truth.vectors[item])


def had_in_training(path, dataset):
    """What each user had until the last target of training, by the file."""
    names, last, had = dataset.field2id_token, {}, {}
    for user, step in zip(*(dataset.inter_feat[one].tolist() for one in ("user_id", "timestamp"))):
        last[names["user_id"][user]] = max(last.get(names["user_id"][user], 0), step)
    for line in path.read_text().splitlines()[1:]:
        user, item, step, *_ = line.split("\t")
        # Within a step the skipped items come first, and the last target ends the training.
        if float(step) <= last[user]:
            had.setdefault(user, set()).add(item)
    return had


@pytest.mark.slow
@pytest.mark.parametrize("exclude", ["history", "target"])
@pytest.mark.parametrize("targets", [None, "ignore", "exclude", "negative"])
def test_it_equals_a_loop_over_users_and_items(targets, exclude, own_folder):
    options = OPTIONS if targets is None else SKIPS
    truth, items = simulate(options)
    skips = None if targets is None else simulate_skips(options, truth, items)
    place = write_data(own_folder, "world", truth, items, skips)
    kinds = {} if targets is None else {**KINDS, "fn_feedback_targets": targets}
    keys = {"data_path": str(own_folder), "fn_neg_exclude": exclude, **kinds}
    run = pieces(dataset="world", epochs=2, fn_start=0, **keys)
    fit(run)
    dataset, trained = dataset_of(run.valid_data), dataset_of(run.train_data)
    rows = row_truth(truth, dataset, sampler_of(run.train_data))
    fraction = liked_fraction(run, rows, dataset, length=4)
    tokens, liked = trained.field2id_token, 0
    with torch.no_grad(), run.trainer.fn_step.evaluation_weights():
        run.model.eval()
        scores = run.model.full_sort_predict(dataset[:])
    had = had_in_training(place / "world.inter", trained)
    for row, user in enumerate(tokens["user_id"][dataset.inter_feat["user_id"]]):
        step, number = int(dataset.inter_feat["timestamp"][row]), int(user[1:])
        ranked = sorted(range(1, dataset.item_num), key=lambda item: -float(scores[row, item]))
        for item in [item for item in ranked if tokens["item_id"][item] not in had[user]][:4]:
            likes = affinity(truth, number, step, int(tokens["item_id"][item][1:]))
            liked += likes > truth.thresholds[number, step]
    assert len(dataset) > 20 and 0 < fraction < 1
    assert fraction == liked / (len(dataset) * 4)


def test_users_with_few_new_items_get_shorter_lists(own_folder):
    truth, items = simulate(WorldOptions(users=30, items=20, length=9, slate=6))
    write_data(own_folder, "world", truth, items)
    run = pieces(dataset="world", data_path=str(own_folder), epochs=1)
    fit(run)
    dataset, asked = dataset_of(run.valid_data), []
    rows = row_truth(truth, dataset, sampler_of(run.train_data))
    whole = liked_fraction(run, rows, dataset, length=18)
    for row, user in enumerate(dataset.inter_feat["user_id"].tolist()):
        had = dataset_of(run.train_data).inter_feat["user_id"] == user
        trained = dataset_of(run.train_data).inter_feat[had.nonzero().squeeze(1)]
        old = {*trained["item_id"].tolist(), *trained["item_id_list"].flatten().tolist()}
        asked += [(row, item) for item in range(1, dataset.item_num) if item not in old]
    of_rows, new = torch.tensor(asked).t()
    assert whole == rows.liked(of_rows, new).double().mean() and len(new) < 18 * len(dataset)
