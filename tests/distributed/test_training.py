"""Two and three processes give the numbers of one."""

import pytest

from recbole_fn.distributed.group import Group
from tests.helpers.groups import digest, in_group, train
from tests.helpers.runs import fit, pieces

EXTRACTING = {"fn_start": 1, "fn_flip_after": 0, "epochs": 3}
CASES = {
    "windows": {"fn_batching": "sequence"},
    "prefixes": {"fn_batching": "prefix", "fn_loss": "bpr", "fn_strategy": "soft"},
    "catalogue": {"fn_neg_num": "all", "fn_loss": "softmax", "fn_strategy": "drop"},
    "the model's loss": {"fn_loss": "model", "model": "GRU4Rec"},
    "gbce, dropped": {"fn_loss": "gbce", "fn_strategy": "drop", "fn_start": "auto"},
    "no extraction": {"fn_strategy": "average"},
    "single precision as users have": {"double": False},
    # Batches of fewer rows than ranks, and a last one of fewer rows than others.
    "tiny batches": {"train_batch_size": 2, "user_inter_num_interval": "[6,6]", "fn_loss": "bpr"},
}


def train_all(group, cases):
    return {name: train(group, **{**EXTRACTING, **keys}) for name, keys in cases.items()}


def train_all_and_plain(group, cases):
    """Plain RecBole too: its loaders and its averages of the ranks' metrics, through gloo."""
    run = pieces(fn_enabled=False, train_neg_sample_args=None, epochs=2, **group)
    score, _ = fit(run)
    by_rank = Group.of_this_process().gather_values((score, digest(run.model.state_dict())))
    return train_all(group, cases), by_rank


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 3])
def test_several_processes_give_the_numbers_of_one(size):
    cases = {name: keys for name, keys in CASES.items() if size == 2 or name.endswith("s")}
    alone = train_all({}, cases)
    together, plain = in_group(size, train_all_and_plain, cases)
    for name in cases:
        assert_equal(alone[name], together[name], cases[name].get("double", True))
        assert together[name]["ranks"] == size
    assert alone["windows"]["figures"][2]["flipped"] > 100
    assert plain == plain[:1] * size and plain[0][0] > 0


def assert_equal(alone, together, is_exact=True):
    assert together["alike"]
    assert together["losses"] == pytest.approx(alone["losses"], abs=1e-5)
    if not is_exact:
        return
    for name in ("memory", "scores", "popularity", "test"):
        assert together[name] == alone[name], name
    assert together["figures"].keys() == alone["figures"].keys()
    for epoch, figures in alone["figures"].items():
        assert together["figures"][epoch] == pytest.approx(figures, abs=1e-5)


def train_twice(group, keys):
    """Trains, saves the loaders, and trains again where they lie."""
    return [train(group, **keys, save_dataset=True, save_dataloaders=True) for _ in range(2)]


@pytest.mark.slow
def test_saved_loaders_change_no_number_of_two_processes():
    keys = {**EXTRACTING, "epochs": 2, "eval_batch_size": 8}
    alone = train({}, **keys)
    for together in in_group(2, train_twice, keys):  # with those of an earlier run, and their own
        assert_equal(alone, together)
