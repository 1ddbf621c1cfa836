"""Kinds where data sets are read in other ways: whole histories, saved data, variants, a resume."""

import pytest
import recbole.data
import torch
from recbole.config import Config
from recbole.utils import init_seed

import recbole_fn
from recbole_fn.comparison.variants import FEEDBACK_VARIANTS, choose_variants
from recbole_fn.data.origin import difference, origin_of_dataset
from recbole_fn.data.whole_histories import keep_whole_histories, queries_of
from recbole_fn.utils.errors import InputError
from tests.feedback import reference
from tests.feedback.made_up import KEYS, built, lines, log_of, rows_of, write
from tests.helpers.runs import ON, SMALL, fit


def config_of(folder, **keys):
    recbole_fn.register()
    return Config(
        "SASRec", "rated", config_dict={**SMALL, **ON, **KEYS, "data_path": str(folder), **keys}
    )


@pytest.mark.parametrize("inputs", ["positive", "all"])
def test_whole_histories_hold_what_models_read(inputs, tmp_path):
    rated = lines(60)
    write(tmp_path, rated)
    config = config_of(tmp_path, fn_feedback_inputs=inputs)
    dataset = recbole.data.create_dataset(config)  # after `register`
    keep_whole_histories(dataset)
    splits = dataset.build()
    queries = queries_of(dataset, splits)
    rows = queries.rows(torch.arange(len(queries.ends)))
    names = dataset.field2id_token
    ours = {
        names["user_id"][user]: [names["item_id"][item] for item in items[:length]]
        for user, items, length in zip(
            rows["user_id"], rows["item_id_list"], rows["item_length"], strict=True
        )
    }
    users = reference.interactions_by_user(log_of(rated)).items()
    read = {u: [i for i, k in one if inputs == "all" or k == "positive"] for u, one in users}
    assert ours == {user: items[-6:] for user, items in read.items() if items}
    with pytest.raises(InputError, match="until is 'valid' and fn_feedback_field is set"):
        queries_of(dataset, splits, until="valid")


@pytest.mark.slow
def test_saved_data_of_other_kinds_is_not_used(tmp_path):
    write(tmp_path, lines(61))
    one, other = (
        origin_of_dataset(config_of(tmp_path, fn_feedback_negative=text), "SequentialDataset")
        for text in ("<= 2", "<= 1")
    )
    assert difference(one, other) == 'fn_feedback_negative was "<= 2" and is "<= 1"'
    assert difference(one, one) is None


@pytest.mark.slow
def test_variants_of_feedback_are_known_by_name_and_not_compared_by_default(tmp_path):
    assert not set(FEEDBACK_VARIANTS) & set(choose_variants())
    names = "positives-only all-history real-targets typed-inputs real-targets+typed-inputs"
    assert list(choose_variants(names)) == list(FEEDBACK_VARIANTS) == names.split()
    write(tmp_path, lines(62))
    held_out = [
        rows_of(built(tmp_path, **keys).test_data) for keys in choose_variants(names).values()
    ]
    targets = {str([(user, target) for user, _, target in rows]) for rows in held_out}
    assert len(targets) == 1


def test_recbole_itself_and_a_pretraining_are_refused(tmp_path):
    write(tmp_path, lines(63))
    with pytest.raises(InputError, match="fn_enabled is False, so that RecBole takes every"):
        config_of(tmp_path, fn_enabled=False)
    with pytest.raises(InputError, match="train_stage is 'pretrain'"):
        config_of(tmp_path, train_stage="pretrain")


def test_a_run_with_real_negatives_and_kinds_repeats_itself(tmp_path):
    write(tmp_path, lines(64))
    keys = {"fn_feedback_targets": "negative", "fn_feedback_inputs": "typed"}
    runs, results = [], []
    for _ in range(2):
        init_seed(7, reproducibility=True)
        runs.append(built(tmp_path, **keys))
        results.append(fit(runs[-1]))
    assert results[0] == results[1]
    states = [run.model.state_dict() for run in runs]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
