"""Items that a report explains are the best ones that users had not had, by a loop over the log."""

import pytest
import torch

from recbole_fn.comparison.explanations import explained_items
from recbole_fn.data.loaders import dataset_of
from tests.evaluation.test_seen import LEAVE, RATIO, written
from tests.feedback.made_up import built, write
from tests.helpers.runs import pieces


def assert_best_of_the_new(run, had):
    """`had` has the items of each user in order; counts the lists that forget some of them."""
    dataset, forgotten = dataset_of(run.test_data), 0
    rows = dataset[:]
    users = dataset.id2token("user_id", rows["user_id"].numpy())
    targets = dataset.id2token("item_id", rows["item_id"].numpy())
    run.model.eval()
    with torch.no_grad():
        scores = run.model.full_sort_predict(rows).view(len(rows), -1)
    explained = explained_items(run)
    for one in explained:
        expected = []
        for row in ((users == one.user) & (targets == one.target)).nonzero()[0]:
            places = [n for n, item in enumerate(had[one.user]) if item == one.target]
            if len(places) != 1:
                continue  # of another row with the same target, perhaps
            before = [dataset.token2id("item_id", item) for item in had[one.user][: places[0]]]
            new = [item for item in range(1, dataset.item_num) if item not in before]
            best = max(new, key=lambda item: float(scores[row, item]))
            expected.append(dataset.id2token("item_id", best))
            forgotten += not {*before} <= {*rows["item_id_list"][row].tolist()}
        assert not expected or one.item in expected
    return len(explained), forgotten


@pytest.mark.parametrize("split", [LEAVE, RATIO, {"LS": "test_only"}])
@pytest.mark.parametrize("enabled", [True, False])
def test_what_has_left_the_list_is_not_new(split, enabled, tmp_path):
    had = written(tmp_path)
    args = {"split": split, "order": "TO", "group_by": "user", "mode": "full"}
    keys = {"eval_args": args, "MAX_ITEM_LIST_LENGTH": 3, "fn_enabled": enabled}
    run = pieces(dataset="late", data_path=str(tmp_path), train_neg_sample_args=None, **keys)
    for shift in range(60):  # other items come first
        with torch.no_grad():
            run.model.item_embedding.weight.copy_(run.model.item_embedding.weight.roll(1, 0))
        explained, forgotten = assert_best_of_the_new(run, had)
        assert explained == 5 and forgotten > 0, shift


@pytest.mark.parametrize("inputs", ["positive", "typed"])
def test_what_was_skipped_is_not_new(inputs, tmp_path):
    rated = [
        (f"u{user}", f"i{(user + 3 * n) % 17}", "1" if n % 3 == 1 else "5", n)
        for user in range(9)
        for n in range(14)
    ]
    write(tmp_path, rated)
    run = built(tmp_path, fn_feedback_inputs=inputs)
    had = {user: [item for one, item, *_ in rated if one == user] for user, *_ in rated}
    for _ in range(17):
        with torch.no_grad():
            run.model.item_embedding.weight.copy_(run.model.item_embedding.weight.roll(1, 0))
        assert assert_best_of_the_new(run, had) == (5, 5)


def test_users_who_have_had_everything_are_left_out(tmp_path):
    number = [6 if user % 4 == 0 else 5 for user in range(9)]
    rated = [(f"u{user}", f"i{n}", "5", n) for user in range(9) for n in range(number[user])]
    rated += [(f"u{user}", "i0", "5", 9) for user in range(9)]
    write(tmp_path, rated)
    explained = explained_items(built(tmp_path))
    assert {(one.user, one.item) for one in explained} == {("u2", "i5"), ("u6", "i5")}
