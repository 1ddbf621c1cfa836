"""The share of recommended items that are liked equals a loop over users and items."""

import pytest
import torch

from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.recommended import liked_fraction
from recbole_fn.simulation.row_truth import row_truth
from recbole_fn.simulation.truth import write_data
from recbole_fn.simulation.world import simulate
from tests.helpers.runs import fit, pieces


def affinity(truth, user, step, item):
    return float(truth.tastes[user, step].astype("float32") @ truth.vectors[item])


@pytest.mark.slow
def test_it_equals_a_loop_over_users_and_items(own_folder):
    truth, items = simulate(WorldOptions(users=30, items=60, length=6, slate=20))
    write_data(own_folder, "world", truth, items)
    run = pieces(dataset="world", data_path=str(own_folder), epochs=2, fn_start=0)
    fit(run)
    dataset, trained = dataset_of(run.valid_data), dataset_of(run.train_data)
    rows = row_truth(truth, dataset, sampler_of(run.train_data))
    fraction = liked_fraction(run, rows, dataset, length=4)
    tokens = trained.field2id_token[trained.iid_field]
    liked = 0
    with torch.no_grad(), run.trainer.fn_step.teacher.average_parameters():
        run.model.eval()
        scores = run.model.full_sort_predict(dataset.inter_feat)
    assert len(dataset) == 30
    for row, user in enumerate(dataset.inter_feat["user_id"].tolist()):
        number = int(trained.field2id_token["user_id"][user][1:])
        had = {f"i{item}" for item in items[number, :4]}  # the fifth one is that of validation
        ranked = sorted(range(1, dataset.item_num), key=lambda item: -float(scores[row, item]))
        for item in [item for item in ranked if tokens[item] not in had][:4]:
            likes = affinity(truth, number, 4, int(tokens[item][1:]))
            liked += likes > truth.thresholds[number, 4]
    assert 0 < fraction < 1
    assert fraction == liked / (30 * 4)
