"""What a run reports on an untouched data set is what RecBole alone reports, to ten digits.

Switched off, the metrics are the same to the last bit (tests/hooks/test_patching.py).
"""

import pytest
import recbole.data
import recbole.utils
from recbole.config import Config

import recbole_fn
from tests.helpers.runs import SMALL, fit, pieces

EXACT = {
    "metrics": ["Recall", "MRR", "NDCG", "Hit", "Precision", "MAP"],
    "metric_decimal_place": 17,
    "topk": [1, 5, 10],
    "valid_metric": "NDCG@10",
    "epochs": 2,
}


def of_recbole_alone(model, weights):
    """Metrics of validation and test, without anything of this package."""
    recbole_fn.unregister()
    keys = {**SMALL, **EXACT, "train_neg_sample_args": None}
    config = Config(model, "tiny", config_dict=keys)
    train, *others = recbole.data.data_preparation(config, recbole.data.create_dataset(config))
    plain = recbole.utils.get_model(model)(config, train.dataset)
    plain.load_state_dict(weights)
    trainer = recbole.utils.get_trainer(config["MODEL_TYPE"], model)(config, plain)
    return [dict(trainer.evaluate(data, load_best_model=False)) for data in others]


@pytest.mark.parametrize("model", ["SASRec", "GRU4Rec"])
def test_the_metrics_of_equal_weights_are_equal(model):
    run = pieces(model, **{**EXACT, "fn_eval_with": "student", "fn_flip_after": 0})
    fit(run)
    assert run.trainer.fn_has_extracted
    loaders = run.valid_data, run.test_data
    ours = [dict(run.trainer.evaluate(data, load_best_model=False)) for data in loaders]
    theirs = of_recbole_alone(model, run.model.state_dict())
    for found, expected in zip(ours, theirs, strict=True):
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-10) and found["ndcg@10"] > 0
