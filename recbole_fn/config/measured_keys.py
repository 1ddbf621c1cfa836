"""The keys that say what the score of a run measures."""

MEASURED = (
    *("metrics", "topk", "valid_metric", "eval_args"),
    *("fn_eval_candidates", "fn_eval_exclude", "fn_eval_also"),
)
"""Runs that differ in one of these are not compared by their scores."""
