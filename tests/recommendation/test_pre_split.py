"""Pre-split files: whole histories where the lists allow it, else histories must be set."""

import random

import pytest
import torch

import recbole_fn
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.serving.answers import Answers, Question
from tests.helpers.saved_runs import lists, naive_list, saved_run, scores_of, tokens

PARTS = ("train", "valid", "test")
HEAD = "user_id:token\titem_id:token\ttimestamp:float"
KEYS = {"data_path": "data", "benchmark_filename": list(PARTS), "MAX_ITEM_LIST_LENGTH": 6}


def _plain(chance):
    """Interactions of each part, in no order, and the whole history of each user."""
    parts, histories, time = [], {}, 0
    for size in (150, 30, 30):
        rows = []
        for _ in range(size):
            user, item, time = f"u{chance.randrange(9)}", f"i{chance.randrange(20)}", time + 1
            rows.append(f"{user}\t{item}\t{time}")
            histories.setdefault(user, []).append(item)
        parts.append(chance.sample(rows, len(rows)))
    return [HEAD], parts, histories


def _with_lists(chance):
    """Lists that no other row explains."""
    parts, histories = [], {}
    for size in (150, 30, 30):
        rows = []
        for _ in range(size):
            user, drawn = f"u{chance.randrange(9)}", chance.choices(range(20), k=4)
            rows.append(f"{user}\ti{drawn[0]}\t1\t{' '.join(f'i{n}' for n in drawn[1:])}")
        parts.append(rows)
    return [HEAD + "\titem_id_list:token_seq"], parts, histories


def _trained(folder, made, **keys):
    head, parts, histories = made
    (folder / "data" / "own").mkdir(parents=True)
    for name, rows in zip(PARTS, parts, strict=True):
        text = "\n".join([*head, *rows]) + "\n"
        (folder / "data" / "own" / f"own.{name}.inter").write_text(text)
    keys = {**KEYS, **keys, "valid_metric": "NDCG@5", "topk": [5], "fn_neg_exclude": "target"}
    run, path = saved_run(folder, dataset="own", epochs=1, **keys)
    return run, Loaded.from_file(path), histories


def test_plain_interactions_give_whole_histories(own_folder):
    run, loaded, histories = _trained(own_folder, _plain(random.Random(3)))
    queries = loaded.queries()
    for place, user in enumerate(loaded.user_tokens[queries.users]):
        items = queries.items_of(torch.tensor([place]))[1]
        assert list(loaded.item_tokens[items]) == histories[user]
    ours = lists(recbole_fn.recommend(loaded, k=5, exclude="none"))
    for user, got in ours.items():
        ids = list(run.dataset.token2id("item_id", histories[user]))
        assert got == tokens(run, naive_list(scores_of(run, ids), 5))
    assert set(ours) == set(histories)


@pytest.mark.slow
def test_lists_of_another_kind_need_histories(own_folder):
    made = _with_lists(random.Random(3))
    run, loaded, _ = _trained(own_folder, made, alias_of_item_id=["item_id_list"])
    with pytest.raises(recbole_fn.InputError, match="histories must be set, with the items of"):
        recbole_fn.recommend(loaded)
    history = ["i3", "i9", "i11"]
    ours = lists(recbole_fn.recommend(loaded, histories={"s": history}, k=5, exclude="none"))
    ids = list(run.dataset.token2id("item_id", history))
    assert ours["s"] == tokens(run, naive_list(scores_of(run, ids), 5))
    (answer,) = Answers(loaded)([Question(history, 5, without_history=False)])
    assert answer.items == ours["s"]
