"""What a check says of made-up data sets: it stops where a run does, and finds its order right."""

import pytest

import recbole_fn
from recbole_fn.utils.errors import InputError
from tests.data.test_fuzz import read
from tests.helpers.made_up_data import MadeUp
from tests.helpers.runs import ON, SMALL

FIXED = {**SMALL, **ON, "state": "ERROR", "fn_neg_exclude": "target", "topk": 1}


def verdict(folder, made):
    """Whether a run stops, and which findings alter it; None where the files cannot be read."""
    made.write(folder / "own")
    keys = {**FIXED, "valid_metric": "NDCG@1", "data_path": str(folder), **made.keys}
    try:
        report = recbole_fn.check("SASRec", "own", None, keys, steps=0)
    except InputError as error:
        return True, str(error)
    assert max(map(len, report.text.splitlines())) <= 100
    return report.obstacle is not None, report.altering


@pytest.mark.parametrize("seeds", [range(12), pytest.param(range(12, 72), marks=pytest.mark.slow)])
def test_a_check_stops_where_a_run_stops_and_its_order_is_that_of_the_files(seeds, tmp_path):
    stopped = 0
    for seed in seeds:
        made = MadeUp(seed)
        stops, altering = verdict(tmp_path, made)
        if not stops:
            # Only lists that `seq_len` cuts are others than in the files.
            is_cut = "seq_len" in made.keys and "histories cut" in altering
            assert ("histories and targets" in altering) == is_cut, seed
        # Loaders may stop a run whose data can be read: for want of rows, or of a second item.
        assert stops or not isinstance(read(tmp_path, made.keys), str), seed
        stopped += stops
    assert 0 < stopped < len(seeds)
