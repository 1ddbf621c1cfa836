"""Lists equal RecBole's and a naive loop's; exclusion, ties and shorter lists."""

import pytest
from recbole.utils.case_study import full_sort_topk

import recbole_fn
from recbole_fn.recommendation.loading import Loaded
from tests.helpers.runs import ROOT
from tests.helpers.saved_runs import (
    lists,
    naive_list,
    saved_run,
    scores_of,
    tokens,
    whole_history,
)

FILE = ROOT / "dataset" / "tiny" / "tiny.inter"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run, path = saved_run(tmp_path_factory.mktemp("saved"), MAX_ITEM_LIST_LENGTH=8)
    return run, path, Loaded.from_file(path)


def test_lists_until_validation_equal_those_of_recbole(trained):
    run, _, loaded = trained
    data = run.dataset
    users = data.token2id(data.uid_field, [f"u{n}" for n in range(80)])
    run.trainer.fn_load_weights(trained[1])
    _values, items = full_sort_topk(users, run.model, run.test_data, k=7)
    ours = recbole_fn.recommend(loaded, k=7, exclude="none", until="valid")
    by_user = lists(ours)
    for row, user in enumerate(run.test_data.dataset.inter_feat[data.uid_field]):
        assert by_user[data.id2token(data.uid_field, int(user))] == tokens(run, items[row])
    assert len(by_user) == 80


def test_whole_histories_give_what_a_naive_loop_gives(trained):
    run, _, loaded = trained
    ours = recbole_fn.recommend(loaded, k=5)
    assert list(ours.columns) == ["user", "rank", "item", "score"]
    for user, got in lists(ours).items():
        history = whole_history(FILE, user)
        ids = list(run.dataset.token2id(run.dataset.iid_field, history))
        expected = naive_list(scores_of(run, ids), 5, excluded=ids)
        assert got == tokens(run, expected), user
