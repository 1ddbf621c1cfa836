"""What the trainer promises beside the algorithm: equal numbers, the right weights, resuming."""

import pytest
import torch
import torch.nn.functional as F

import recbole_fn
from recbole_fn.data.loaders import dataset_of
from recbole_fn.extraction.candidates import SampledCandidates
from recbole_fn.training.step import TrainingStep
from tests.helpers.runs import NO_DROPOUT, ON, ROOT, SMALL, fit, pieces

PLAIN = {**NO_DROPOUT, "fn_flip_after": 32_000, "fn_consistency_weight": 0, "epochs": 3}


def weights(run):
    return [parameter.detach().clone() for parameter in run.model.parameters()]


def figures(**keys):
    """Losses, extraction's figures and test metrics of a run."""
    run = pieces(**keys)
    fit(run)
    test = run.trainer.evaluate(run.test_data, load_best_model=False)
    return run.trainer.train_loss_dict, run.trainer.fn_state.figures, dict(test)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_numbers_twice():
    assert figures() == figures()
    assert figures(seed=1) != figures(seed=2)


@pytest.mark.slow
def test_workers_give_the_numbers_of_the_process_itself():
    assert figures(worker=2) == figures(worker=0)


@pytest.mark.slow
@pytest.mark.parametrize("start", [0, 1000])
def test_never_flipping_without_weight_is_plain_bce_with_n_negatives(start, monkeypatch):
    run = pieces(**PLAIN, fn_start=start, fn_batching="prefix")
    loader = run.trainer.fn_prepare(run.train_data)
    scored, states, collate = [], [], loader.collate_fn
    score = SampledCandidates.scored

    def noting_scored(candidates, batch, encoded, slots):
        assert slots.valid is None or len(batch.rows) == len(slots.valid)
        scored.append((slots.items, slots.valid))
        return score(candidates, batch, encoded, slots)

    def noting_collate(index):  # just before the batch's step, in the same process
        batch = collate(index)
        encoded = run.model.forward(batch["item_id_list"], batch["item_length"])
        states.append((encoded.detach(), run.model.item_embedding.weight.clone(), batch["item_id"]))
        return batch

    monkeypatch.setattr(SampledCandidates, "scored", noting_scored)
    loader.collate_fn = noting_collate
    fit(run)
    total = 0.0
    for (encoded, table, targets), (negatives, valid) in zip(states, scored, strict=False):
        assert negatives.shape == (len(targets), 8)
        candidates = torch.cat([targets.unsqueeze(1), negatives], 1)
        logits = (table[candidates] * encoded.unsqueeze(1)).sum(2)
        labels = torch.zeros_like(logits)
        labels[:, 0] = 1
        losses = 2 * F.binary_cross_entropy_with_logits(logits, labels, reduction="none")
        if valid is not None:  # a draw that repeats a remembered item has no part in it
            losses = losses[torch.cat([torch.ones_like(valid[:, :1]), valid], 1)]
        total += losses.mean().item()
    assert sum(run.trainer.train_loss_dict.values()) == pytest.approx(total, rel=1e-5)
    assert [f["flipped"] for f in run.trainer.fn_state.figures.values()] == [0] * (
        3 if start == 0 else 0
    )


@pytest.mark.slow
def test_validation_uses_the_teacher_from_the_start_on_and_the_student_if_asked():
    taught, student = (
        pieces(fn_start=0, epochs=2),
        pieces(fn_start=0, epochs=2, fn_eval_with="student"),
    )
    for run in (taught, student):
        fit(run)
        own = weights(run)
        used = []
        evaluate_batch = run.trainer._full_sort_batch_eval

        def note(batch, run=run, used=used, evaluate_batch=evaluate_batch):
            used.append(weights(run))
            return evaluate_batch(batch)

        run.trainer._full_sort_batch_eval = note
        run.trainer.evaluate(run.test_data, load_best_model=False)
        with run.trainer.fn_step.teacher.average_parameters():
            teacher = weights(run)
        expected = teacher if run is taught else own
        assert all(map(torch.equal, used[0], expected))
        assert all(map(torch.equal, weights(run), own))  # and given back afterwards
        assert not all(map(torch.equal, teacher, own))


def save_best(run, **kwargs):
    run.trainer.fit(run.train_data, run.valid_data, verbose=False, saved=True, **kwargs)
    return run.trainer.saved_model_file


@pytest.mark.slow
def test_resuming_gives_the_numbers_of_never_having_stopped():
    keys = {"epochs": 6, "fn_start": 2}
    whole = pieces(**keys)  # without validation, RecBole saves after each epoch
    whole.trainer.fit(whole.train_data, None, verbose=False, saved=False)
    expected = whole.trainer.train_loss_dict, whole.trainer.fn_state.figures, weights(whole)

    half = pieces(**{**keys, "epochs": 4})
    half.trainer.fit(half.train_data, None, verbose=False)
    rest = pieces(**keys)
    rest.trainer.resume_checkpoint(half.trainer.saved_model_file)
    rest.trainer.fit(rest.train_data, None, verbose=False, saved=False)
    actual = rest.trainer.train_loss_dict, rest.trainer.fn_state.figures, weights(rest)
    assert actual[:2] == expected[:2] and len(actual[0]) == 6
    assert all(map(torch.equal, actual[2], expected[2]))
    for name in ("items", "counts", "lengths", "hard_lengths"):
        memories = [run.trainer.fn_step.memory.state_dict()[name] for run in (whole, rest)]
        assert torch.equal(*memories)


@pytest.mark.slow
def test_a_checkpoint_of_another_training_set_is_refused(tmp_path):
    path = save_best(pieces())
    with pytest.raises(recbole_fn.InputError, match="eval_args .*valid_and_test.*test_only"):
        pieces(eval_args={"split": {"LS": "test_only"}, "order": "TO"}).trainer.resume_checkpoint(
            path
        )
    lines = (ROOT / "dataset/tiny/tiny.inter").read_text().splitlines()
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny/tiny.inter").write_text("\n".join(lines[:-1]))
    other = pieces(data_path=str(tmp_path))
    other.trainer.resume_checkpoint(path)
    with pytest.raises(recbole_fn.InputError, match="another training set: .* rows; here it has"):
        other.trainer.fit(other.train_data, None, verbose=False, saved=False)


@pytest.mark.slow
def test_a_checkpoint_of_other_test_rows_is_refused(tmp_path):
    path = save_best(pieces())
    lines = (ROOT / "dataset/tiny/tiny.inter").read_text().splitlines()
    user, item, time = lines[-1].split("\t")  # the test row of the last user
    other_item = next(line.split("\t")[1] for line in lines[1:] if item not in line)
    (tmp_path / "tiny").mkdir()
    text = "\n".join([*lines[:-1], f"{user}\t{other_item}\t{time}"])
    (tmp_path / "tiny/tiny.inter").write_text(text)
    other = pieces(data_path=str(tmp_path))
    other.trainer.resume_checkpoint(path)
    with pytest.raises(recbole_fn.InputError, match="other rows of validation or test"):
        other.trainer.fit(other.train_data, None, verbose=False, saved=False)


@pytest.mark.slow
def test_a_checkpoint_of_plain_recbole_cannot_be_resumed():
    off = pieces(fn_enabled=False, train_neg_sample_args=None)
    path = save_best(off)
    with pytest.raises(recbole_fn.InputError, match="a checkpoint of plain RecBole"):
        pieces().trainer.resume_checkpoint(path)


@pytest.mark.slow
def test_after_testing_the_model_has_the_best_weights():
    run = pieces(fn_start=0)
    state = torch.load(save_best(run))["state_dict"]
    first = run.trainer.evaluate(run.test_data)
    assert all(torch.equal(value, state[name]) for name, value in run.model.state_dict().items())
    assert run.trainer.evaluate(run.test_data, load_best_model=False) == first


@pytest.mark.slow
def test_early_stopping_waits_anew_when_extraction_starts():
    run = pieces(fn_start=3, epochs=4)
    steps = []
    fit(run, callback_fn=lambda epoch, score: steps.append(run.trainer.cur_step))
    assert steps[3] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("model", ["SASRec", "NARM", "FPMC"])
def test_models_of_each_way_learn_and_extract(model):
    run = pieces(model, epochs=6, fn_flip_after=0, fn_start=1)
    fit(run)
    losses = list(run.trainer.train_loss_dict.values())
    assert losses[1] < losses[0]
    assert (
        run.trainer.fn_state.figures[5]["hard"] > 0
        and run.trainer.fn_state.figures[5]["flipped"] > 0
    )


def test_forced_sequence_batching_is_refused_where_it_would_be_wrong():
    with pytest.raises(recbole_fn.InputError, match="NARM does not give in one pass"):
        fit(pieces("NARM", fn_batching="sequence"))


@pytest.mark.slow
def test_a_data_set_with_missing_values_trains(tmp_path):
    folder = tmp_path / "gaps"
    folder.mkdir()
    lines = ["user_id:token\titem_id:token\trating:float\ttimestamp:float"]
    for user in range(20):
        for time in range(8):
            rating = "" if user == 3 and time == 2 else str(1 + (user + time) % 5)
            lines.append(f"user {user}\t'i{(user * 3 + time) % 30}'\t{rating}\t{time}")
    (folder / "gaps.inter").write_text("\n".join(lines) + "\n")
    keys = {**SMALL, **ON, "data_path": str(tmp_path)}
    keys["load_col"] = {"inter": ["user_id", "item_id", "rating", "timestamp"]}
    result = recbole_fn.run_recbole_fn("SASRec", "gaps", config_dict=keys)
    assert set(result) == {
        "best_valid_score", "valid_score_bigger", "best_valid_result", "test_result"
    }  # fmt: skip
    run = pieces(dataset="gaps", **{name: keys[name] for name in ("data_path", "load_col")})
    ratings = dataset_of(run.train_data).inter_feat["rating"]
    assert torch.isfinite(ratings).all() and len(ratings.unique()) >= 5


def test_autograd_is_not_left_searching_for_anomalies(monkeypatch):
    run = pieces(epochs=1)
    modes = []
    loss = TrainingStep.loss
    monkeypatch.setattr(
        TrainingStep,
        "loss",
        lambda *args: modes.append(torch.is_anomaly_enabled()) or loss(*args),
    )
    with torch.autograd.set_detect_anomaly(True):  # as importing RecBole's SINE leaves it
        fit(run)
        assert torch.is_anomaly_enabled()
    assert modes
    assert not any(modes)


@pytest.mark.slow
def test_a_batch_norm_sees_the_teachers_whole_batch(monkeypatch):
    run = pieces("SASRec", **NO_DROPOUT, fn_start=0, fn_flip_after=0, fn_batching="prefix")
    run.model.add_module("norm", torch.nn.BatchNorm1d(16))
    forward = run.model.forward
    sizes = []

    def normed(item_seq, item_seq_len):
        if run.model.training:
            sizes.append(len(item_seq))
        return run.model.norm(forward(item_seq, item_seq_len))

    monkeypatch.setattr(type(run.model), "forward", lambda model, *args: normed(*args))
    run.trainer.optimizer.add_param_group({"params": run.model.norm.parameters()})
    fit(run)
    assert run.trainer.fn_state.figures[2]["flipped"] > 0
    assert len(set(sizes)) <= 2  # full batches and the last one, for student and teacher alike
