"""Small RecBole runs, piece by piece."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import recbole.data
import recbole.utils
from recbole.config import Config
from recbole.utils import init_seed

import recbole_fn

ROOT = Path(__file__).parent.parent

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


@dataclass
class Pieces:
    """What a run is made of, before training."""

    config: Any
    dataset: Any
    train: Any
    valid: Any
    test: Any
    model: Any
    trainer: Any

    def fit(self, **kwargs):
        return self.trainer.fit(self.train, self.valid, verbose=False, saved=False, **kwargs)


def pieces(model="SASRec", dataset="tiny", **keys) -> Pieces:
    """Builds a run with false-negative training on; keys override SMALL and ON."""
    recbole_fn.register()
    config = Config(model, dataset, config_dict={**SMALL, **ON, **keys})
    init_seed(config["seed"], config["reproducibility"])
    data = recbole.data.create_dataset(config)
    train, valid, test = recbole.data.data_preparation(config, data)
    built = recbole.utils.get_model(config["model"])(config, train._dataset)
    trainer = recbole.utils.get_trainer(config["MODEL_TYPE"], config["model"])(config, built)
    return Pieces(config, data, train, valid, test, built, trainer)
