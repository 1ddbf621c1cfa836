"""The keys that say what the score of a run measures."""

FILTERS = (
    *("val_interval", "rm_dup_inter", "filter_inter_by_user_or_item"),
    *("user_inter_num_interval", "item_inter_num_interval"),
)
"""What leaves interactions of a data set out."""

MEASURED = (
    *("metrics", "topk", "valid_metric", "eval_args"),
    *("fn_eval_candidates", "fn_eval_exclude", "fn_eval_also"),
    *("benchmark_filename", *FILTERS),
)
"""Runs that differ in one of these are not compared by their scores."""
