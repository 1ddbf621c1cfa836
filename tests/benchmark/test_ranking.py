"""Full ranking is measured on data in which every item occurs, and on equal metrics."""

import pandas as pd
import pytest

from recbole_fn.benchmark.ranking import require_equal, validate, write_items
from recbole_fn.evaluation.full_ranking import CPU_SCORE_BYTES, SCORE_BYTES, batch_rows
from recbole_fn.utils.errors import InputError


def test_every_item_occurs_and_users_have_equally_many(tmp_path):
    write_items(tmp_path, num_users=7, num_items=50)
    table = pd.read_csv(tmp_path / "made" / "made.inter", sep="\t")
    assert table["item_id:token"].nunique() == 50
    assert table["user_id:token"].value_counts().tolist() == [8] * 7


def test_metrics_that_differ_are_refused():
    require_equal({"mrr@10": 0.2, "other": 1.0}, {"mrr@10": 0.2004})
    with pytest.raises(InputError, match=r"mrr@10 is 0\.2 here and 0\.3 in RecBole"):
        require_equal({"mrr@10": 0.2}, {"mrr@10": 0.3})


@pytest.mark.slow
def test_both_sides_validate_to_the_same_metrics(tmp_path):
    write_items(tmp_path, num_users=40, num_items=60)
    ours, theirs = (validate(side, "SASRec", str(tmp_path)) for side in ("ours", "recbole"))
    assert any(theirs.metrics.values())
    require_equal(ours.metrics, theirs.metrics)


@pytest.mark.parametrize(("on_cpu", "most"), [(True, CPU_SCORE_BYTES), (False, SCORE_BYTES)])
def test_a_batch_of_scores_keeps_within_its_bytes(on_cpu, most):
    rows = batch_rows(4096, num_items=200_000, on_cpu=on_cpu)
    assert rows * 200_000 * 4 <= most < (rows + 1) * 200_000 * 4
