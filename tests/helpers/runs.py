"""Small RecBole runs, piece by piece."""

from pathlib import Path

from recbole.config import Config

import recbole_fn
from recbole_fn.experiment.build import Experiment, assemble, load_data

ROOT = Path(__file__).parents[2]

SMALL = {
    "data_path": str(ROOT / "dataset"),
    "load_col": None,
    "MAX_ITEM_LIST_LENGTH": 16,
    "hidden_size": 16,
    "inner_size": 32,
    "embedding_size": 16,
    "epochs": 3,
    "train_batch_size": 128,
    "learning_rate": 0.01,
    "show_progress": False,
    "state": "WARNING",
    "metrics": ["NDCG", "Recall"],
    "valid_metric": "NDCG@10",
}
ON = {"fn_enabled": True, "fn_neg_num": 8, "fn_flip_after": 1, "fn_start": 1}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attn_dropout_prob": 0.0, "dropout_prob": 0.0}


def pieces(model="SASRec", dataset="tiny", **keys) -> Experiment:
    """Builds a run with false-negative training on; keys override SMALL and ON."""
    recbole_fn.register()
    config = Config(model, dataset, config_dict={**SMALL, **ON, **keys})
    return assemble(config, load_data(config))


def fit(run, **kwargs):
    """Trains quietly, with validation, without a checkpoint."""
    return run.trainer.fit(run.train_data, run.valid_data, verbose=False, saved=False, **kwargs)
