"""What holds for every sequential model of RecBole, and for a user's own."""

import pytest
import torch
from recbole.utils import init_seed

import recbole_fn
from recbole_fn.cli.model_requirements import MODELS, NAME, SMALL, write_data
from recbole_fn.data.batching import RowBatch
from tests.helpers.runs import pieces
from tests.helpers.user_models import MeanModel, PairModel

PROBABILITIES = {"DIEN", "DIN", "GRU4RecCPR", "RepeatNet", "SASRecCPR"}
BEFORE, EPOCHS = 3, 6  # epochs before extraction, and in all


_FAST = ("SASRec", "FPMC")  # scored by a dot product, and by a full sort
_MODELS = [pytest.param(name, marks=() if name in _FAST else pytest.mark.slow) for name in MODELS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the data set that has all that any model asks for."""
    path = tmp_path_factory.mktemp("contract")
    write_data(path)
    return path


def keys_of(model, folder):
    """The keys of a small run of a model."""
    keys = {
        **SMALL,
        "data_path": str(folder),
        "checkpoint_dir": str(folder / "saved"),
        "fn_start": BEFORE,
        "fn_flip_after": 0,
        "epochs": EPOCHS,
        "stopping_step": 100,
    }
    if isinstance(model, str):
        keys.update(MODELS[model].keys)
    if model == "S3Rec":
        keys.update(train_stage="finetune", pre_model_path=pretrained(keys))
    return keys


def pretrained(keys):
    """The file of S3Rec's weights after an epoch of its pretraining."""
    stage = {"train_stage": "pretrain", "pretrain_epochs": 1, "save_step": 1}
    run = pieces("S3Rec", dataset=NAME, **keys, **stage)
    run.trainer.fit(run.train_data, verbose=False)
    return run.trainer.saved_model_file


class Trained:
    """A model after extraction, with its checkpoint."""

    def __init__(self, model, folder):
        keys = keys_of(model, folder)
        self.build = lambda: pieces(model, dataset=NAME, **keys)
        self.run = self.build()
        self.finite = []
        for parameter in self.run.model.parameters():
            if parameter.requires_grad:
                parameter.register_hook(lambda grad: self.finite.append(torch.isfinite(grad).all()))
        self.run.trainer.fit(self.run.train_data, None, verbose=False, saved=True)
        self.losses = [
            sum(loss) if isinstance(loss, tuple) else loss
            for loss in self.run.trainer.train_loss_dict.values()
        ]
        self.figures = self.run.trainer.fn_state.figures

    def scores(self, run):
        """Scores of the test set's users, as evaluation has them."""
        trainer, batch = run.trainer, some_users(run)
        run.model.eval()
        with torch.no_grad(), trainer.fn_step.evaluation_weights():
            return trainer.fn_step.scorer.encode(run.model, _row_batch(run, batch)).catalogue()


def some_users(run):
    """Some of the test set's users."""
    return next(iter(run.test_data))[0][:12]


def _row_batch(run, interaction):
    items = interaction[run.model.ITEM_ID]
    return RowBatch(interaction, torch.arange(len(items)), interaction[run.model.USER_ID], items)


@pytest.fixture(scope="module", params=[*_MODELS, MeanModel, PairModel])
def trained(request, folder):
    """Each model in turn, and two of a user's."""
    return Trained(request.param, folder)


@pytest.mark.slow
def test_the_loss_falls(trained):
    assert trained.losses[BEFORE - 1] < trained.losses[0]
    assert all(torch.isfinite(torch.tensor(trained.losses)))


def test_gradients_are_finite(trained):
    assert trained.finite
    assert all(trained.finite)


def test_hard_negatives_are_found_and_flipped(trained):
    assert sorted(trained.figures) == list(range(BEFORE, EPOCHS))
    assert trained.figures[BEFORE]["hard"] > 0
    assert trained.figures[EPOCHS - 1]["flipped"] > 0


def test_the_teacher_differs_from_the_student_and_evaluation_uses_it(trained):
    run = trained.run
    taught = trained.scores(run)
    run.model.eval()
    with torch.no_grad():
        scorer, batch = run.trainer.fn_step.scorer, some_users(run)
        own = scorer.encode(run.model, _row_batch(run, batch)).catalogue()
    assert not torch.allclose(taught, own, atol=1e-4)


def test_saving_and_loading_gives_the_same_scores(trained):
    loaded = trained.build()
    loaded.trainer.fn_prepare(loaded.train_data)
    loaded.trainer.fn_load_weights(trained.run.trainer.saved_model_file)
    assert torch.equal(trained.scores(loaded), trained.scores(trained.run))


def test_resuming_takes_over_weights_and_memory(trained):
    resumed = trained.build()
    resumed.trainer.resume_checkpoint(trained.run.trainer.saved_model_file)
    resumed.trainer.fit(resumed.train_data, None, verbose=False, saved=False)
    ours, theirs = resumed.trainer.fn_step, trained.run.trainer.fn_step
    pairs = zip(resumed.model.parameters(), trained.run.model.parameters(), strict=False)
    assert all(torch.equal(*pair) for pair in pairs)
    assert ours.memory.num_pairs() == theirs.memory.num_pairs() > 0


def test_scoring_equals_the_models_own_scores(trained):
    run, model = trained.run, trained.run.model
    scorer, batch = run.trainer.fn_step.scorer, some_users(run)
    rows = _row_batch(run, batch)
    candidates = torch.randint(1, run.dataset.item_num, (len(rows.rows), 7))
    model.eval()
    with torch.no_grad():
        scores = scorer.encode(model, rows).score(candidates)
        try:
            expected = model.full_sort_predict(batch).view(len(rows.rows), -1).gather(1, candidates)
        except NotImplementedError:
            expected = torch.stack([_predicted(model, batch, items) for items in candidates.t()], 1)
    if type(model).__name__ in PROBABILITIES:
        expected = expected.double()
        expected = (expected.log() - torch.log1p(-expected)).float()
    torch.testing.assert_close(scores, expected, atol=1e-5, rtol=1e-5)


def _predicted(model, batch, items):
    batch.interaction[model.ITEM_ID] = items
    return model.predict(batch)


@pytest.mark.slow
@pytest.mark.parametrize("model", _MODELS)
def test_one_call_trains_and_tests(model, folder):
    keys = {**keys_of(model, folder), "epochs": 1, "fn_enabled": True, "fn_start": 0}
    result = recbole_fn.run_recbole_fn(model, NAME, ["fn.yaml"], keys)
    assert 0 <= result["best_valid_score"] <= 1
    assert result["test_result"]


@pytest.mark.parametrize("model", [*_MODELS, MeanModel, PairModel])
def test_a_teacher_without_decay_is_the_student(model, folder):
    keys = {**keys_of(model, folder), "epochs": 1, "fn_start": 0, "fn_teacher_decay": 0.0}
    run = pieces(model, dataset=NAME, **keys)
    run.trainer.fit(run.train_data, None, verbose=False, saved=False)
    teacher = run.trainer.fn_step.teacher
    assert teacher.num_updates == len(run.trainer.fn_loader)
    results = []
    for _ in range(2):
        init_seed(7, True)  # some models are evaluated among items that RecBole draws anew
        results.append(run.trainer.evaluate(run.test_data, load_best_model=False))
        run.trainer.fn_step.teacher = None  # for the second time
    assert results[0] == results[1]
    own = dict([*run.model.named_parameters(), *run.model.named_buffers()])
    weights = teacher.state_dict()["weights"]
    assert all(torch.equal(weights[name], value) for name, value in own.items())
