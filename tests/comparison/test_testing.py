"""Each ranking is tested with the weights that its own validation chose."""

import copy
import math
import random
from types import SimpleNamespace

import pytest
from recbole.utils import early_stopping

from recbole_fn.comparison import best_weights
from recbole_fn.comparison.best_weights import BestWeights
from recbole_fn.comparison.testing import evaluate_test
from recbole_fn.evaluation.popularity import item_users
from recbole_fn.training.attach import attach
from recbole_fn.training.callbacks import Callback
from tests.helpers.runs import pieces

EXACT = {"metrics": ["NDCG", "Recall"], "metric_decimal_place": 17, "epochs": 9, "eval_step": 1}
# Learning rates at which the rankings peak in different epochs.
OFF = {"fn_strategy": "off", "learning_rate": 0.006}
RECBOLE = {"fn_enabled": False, "train_neg_sample_args": None, "learning_rate": 0.001}


class Snapshots(Callback):
    """The weights and the result of each validation."""

    def __init__(self):
        self.weights, self.results = [], []

    def on_validation_end(self, trainer, epoch, score, result):
        """Copies both."""
        self.weights.append(copy.deepcopy(trainer.model.state_dict()))
        self.results.append(dict(result))


@pytest.mark.slow
@pytest.mark.parametrize("keys", [OFF, RECBOLE])
def test_the_best_epoch_of_each_ranking_is_tested(keys, own_folder):
    run = pieces(**EXACT, **keys, fn_eval_also=[5, "unseen"])
    run.trainer.saved_model_file = str(own_folder / "best.pth")
    best = BestWeights(own_folder / "best.pth", run.trainer.valid_metric, ["uni5", "unseen"])
    snapshots = Snapshots()
    for callback in (best, snapshots):
        attach(run.trainer, callback)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    tested = evaluate_test(run, best.files)
    chosen = set()
    for mark in ("", "/uni5", "/unseen"):
        scores = [result[f"ndcg@10{mark}"] for result in snapshots.results]
        at = len(scores) - 1 - scores[::-1].index(max(scores))  # of equal scores the last
        chosen.add(at)
        run.model.load_state_dict(snapshots.weights[at])
        alone = run.trainer.evaluate(run.test_data, load_best_model=False)
        for metric in (f"ndcg@10{mark}", f"recall@10{mark}"):
            assert tested.metrics[metric] == alone[metric]
    assert len(chosen) > 1  # otherwise the test could not fail
    ranks = tested.target_ranks(item_users(run.train_data))
    for metric, value in tested.metrics.items():
        assert ranks.values(metric).mean() == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("bigger", [True, False])
@pytest.mark.parametrize("stopped", [None, 1, 4])
def test_each_ranking_keeps_the_epoch_that_recbole_would_keep(
    bigger, stopped, own_folder, monkeypatch
):
    """Scores with ties, also where another process goes on with them."""
    saved = {}
    monkeypatch.setattr(
        best_weights, "save_evaluated", lambda _, epoch, path: saved.update({path: epoch})
    )
    chance = random.Random(3)
    for _ in range(20):
        # The inverses of the first two are the same number.
        values = [1.9999999999999998, 1.9999999999999996, 1.5, 0.0, 1e-13]
        scores = [chance.choice(values) for _ in range(6)]
        results = [{"ndcg@10/uni5": score} for score in scores]
        best = BestWeights(own_folder / "best.pth", "ndcg@10", ["uni5"])
        kept, top = None, -math.inf if bigger else math.inf
        for epoch, score in enumerate(scores):
            if epoch == stopped:
                best = BestWeights(own_folder / "best.pth", "ndcg@10", ["uni5"])
                best.restore(results[:epoch], bigger)
            trainer = SimpleNamespace(valid_metric_bigger=bigger)
            best.on_validation_end(trainer, epoch, 0.0, results[epoch])
            top, _, _, is_better = early_stopping(score, top, 0, 99, bigger)
            kept = epoch if is_better else kept
        assert saved[own_folder / "best-uni5.pth"] == kept


def test_the_ranking_that_chooses_recboles_checkpoint_needs_no_other(own_folder):
    best = BestWeights(own_folder / "best.pth", "ndcg@10/uni5", ["uni5", "unseen"])
    assert list(best.files) == ["ndcg@10", "ndcg@10/unseen"]
    assert best.files["ndcg@10"].name == "best-main.pth"
