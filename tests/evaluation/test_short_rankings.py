"""Rankings of fewer items than a list holds are told where a metric counts what fills the list."""

import logging

import pytest
import torch

from tests.helpers.runs import fit, pieces

FEW = {"fn_eval_candidates": 3, "fn_eval_also": ["unseen", "uni8", "pop9", "full"]}
ARGS = {"split": {"LS": "valid_and_test"}, "order": "TO", "group_by": "user"}


@pytest.mark.parametrize(
    ("metrics", "keys", "named"),
    [
        (["NDCG", "ItemCoverage", "GiniIndex"], FEW, ["uni3", "uni8"]),
        (["NDCG", "ItemCoverage"], {"fn_eval_candidates": 9}, None),  # 9 and the target: 10
        (["NDCG", "ItemCoverage"], {"eval_args": {**ARGS, "mode": "uni4"}}, ["uni4"]),
        (["NDCG", "Recall", "MAP"], FEW, None),
        (["NDCG", "ItemCoverage"], {}, None),
    ],
)
def test_a_warning_names_rankings_and_metrics(metrics, keys, named, caplog):
    caplog.set_level(logging.WARNING)
    run = pieces(metrics=metrics, topk=[3, 10], epochs=1, **keys)
    caplog.clear()
    fit(run)
    lines = [line for line in caplog.messages if "take no part" in line]
    assert len(lines) == (named is not None)
    for line in lines:
        assert f"topk is [3, 10], and {', '.join(named)} ranks fewer items" in line
        assert line.endswith(f"which {', '.join(metrics[1:])} count.")


def test_what_the_warning_says_is_so():
    """Lists of ten from four items: six more are recommended that nobody ranked."""
    run = pieces(metrics=["NDCG", "ItemCoverage"], topk=[10], epochs=1, fn_eval_candidates=3)
    noted = []
    collect = run.trainer.eval_collector.eval_batch_collect

    def note(scores, *rest):
        noted.append((torch.isfinite(scores).sum(1), scores.shape[1]))
        collect(scores, *rest)

    run.trainer.eval_collector.eval_batch_collect = note
    fit(run)
    assert all((counts == 4).all() and width > 10 for counts, width in noted)
