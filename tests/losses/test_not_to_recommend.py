"""The term -log(1 - p) equals its definition, alone and in a training step."""

import math

import pytest
import torch

from recbole_fn.data.loaders import dataset_of
from recbole_fn.extraction.slots import without_memory
from recbole_fn.losses.not_to_recommend import not_to_recommend_terms
from recbole_fn.scoring.scored import Labelled
from recbole_fn.utils.errors import InputError
from tests.feedback.made_up import built, lines, write
from tests.helpers.runs import fit

REAL = {
    "fn_feedback_targets": "negative",
    "fn_feedback_inputs": "positive",
    "fn_real_negatives": 3,
    "fn_real_negative_loss": "not_to_recommend",
    "fn_loss": "softmax",
}


def naive_term(score, others):
    """-log(1 - p) by its definition."""
    total = math.exp(score) + sum(math.exp(other) for other in others)
    return -math.log(1 - math.exp(score) / total)


@pytest.mark.parametrize("among", [True, False])
def test_terms_are_those_of_the_definition(among):
    generator = torch.Generator().manual_seed(3)
    logits = 3 * torch.randn(5, 7, generator=generator, dtype=torch.double)
    valid = torch.rand(5, 7, generator=generator) < 0.8
    columns = torch.stack([torch.randperm(7, generator=generator)[:2] for _ in range(5)])
    valid.scatter_(1, columns, True)
    scores = logits.gather(1, columns)
    ours = not_to_recommend_terms(logits, valid, scores, columns if among else None)
    for row in range(5):
        kept = [(c, float(logits[row, c])) for c in range(7) if valid[row, c]]
        for n in range(2):
            others = [s for c, s in kept if not among or c != columns[row, n]]
            expected = naive_term(float(scores[row, n]), others)
            assert float(ours[row, n]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("score", [-80.0, 0.0, 40.0, 80.0])
@pytest.mark.parametrize("among", [True, False])
def test_is_finite_in_32_bits_with_the_gradient_p(score, among):
    logits = torch.tensor([[0.0, 0.0, score if among else -1e30]])
    scores = torch.tensor([[score]], requires_grad=True)
    columns = torch.tensor([[2]]) if among else None
    term = not_to_recommend_terms(logits, None, scores, columns)
    others = math.log(2)
    assert float(term) == pytest.approx(math.log1p(math.exp(score - others)), rel=1e-5, abs=1e-30)
    term.sum().backward()
    assert torch.isfinite(scores.grad).all()


def of_a_batch(run):
    """The loss of a run's first batch, its scored rows, and each row's real negatives."""
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    run.model.eval()  # without dropout
    batch = step.batching.rows(next(iter(run.trainer.fn_loader)))
    encoded = step.scorer.encode(run.model, batch)
    negatives = step.sampler.sample(batch, step.settings.num_slots, lambda items: None)
    scored = step.candidates.scored(batch, encoded, without_memory(negatives, log_q=None))
    real = dataset_of(run.train_data).fn_real_negatives().of_rows(batch.rows, 3)
    loss, weight = step.base_loss.of(scored, Labelled(scored.labels(1.0), scored.valid))
    return float(loss), float(weight), scored, real, encoded.catalogue().tolist()


@pytest.mark.parametrize("negatives", [8, "all"])
def test_the_loss_is_that_of_a_loop(negatives, tmp_path):
    write(tmp_path, lines(25))
    run = built(tmp_path, fn_neg_num=negatives, fn_real_negative_weight=2.0, **REAL)
    loss, weight, scored, real, catalogue = of_a_batch(run)
    assert (real > 0).sum() > 5
    total = 0.0
    for row, items in enumerate(real.tolist()):
        if negatives == "all":
            candidates = list(range(1, dataset_of(run.train_data).item_num))
        else:
            pairs = zip(scored.candidates[row].tolist(), scored.valid[row].tolist(), strict=True)
            candidates = [item for item, ok in pairs if ok]
            assert not set(candidates) & set(items)  # a draw of a real negative is masked
        scores = [catalogue[row][item] for item in candidates]
        target = catalogue[row][int(scored.batch.targets[row])]
        total += math.log(sum(map(math.exp, scores))) - target
        for real_item in filter(None, items):
            others = [catalogue[row][item] for item in candidates if item != real_item]
            total += 2 * naive_term(catalogue[row][real_item], others)
    assert weight == len(real)
    assert loss == pytest.approx(total / len(real), rel=1e-5)


def test_slots_hold_draws_alone_and_nothing_real_is_remembered(tmp_path):
    write(tmp_path, lines(23))
    keys = {"fn_start": 0, "fn_flip_after": 0, "epochs": 3}
    run = built(tmp_path, **REAL, **keys)
    fit(run)
    dataset, step = dataset_of(run.train_data), run.trainer.fn_step
    real = dataset.fn_real_negatives()
    known = set(zip(real.users.tolist(), real.items.tolist(), strict=True))
    users, rows = dataset.inter_feat["user_id"].tolist(), torch.arange(len(dataset))
    owner, items, _ = step.memory.entries(rows)
    pairs = zip(owner.tolist(), items.tolist(), strict=True)
    assert len(items) and not {(users[row], item) for row, item in pairs} & known


@pytest.mark.slow
def test_log_q_is_that_of_the_draws(tmp_path):
    write(tmp_path, lines(21))
    run = built(tmp_path, fn_logq=1.0, **REAL)
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    batch = step.batching.rows(next(iter(run.trainer.fn_loader)))
    negatives = step.sampler.sample(batch, 8, lambda items: None)
    ours = step.sampler.log_q(batch, negatives)
    assert torch.equal(ours, step.sampler.inner.log_q(batch, negatives))


def test_the_term_lowers_the_scores_of_real_negatives(tmp_path):
    write(tmp_path, lines(26))
    found = {}
    for weight in (1e-9, 20.0):
        run = built(tmp_path, fn_real_negative_weight=weight, fn_start=99, **REAL)
        fit(run)
        *_, real, catalogue = of_a_batch(run)
        p = torch.tensor(catalogue)[:, 1:].softmax(1)
        found[weight] = float(p.gather(1, (real - 1).clamp_min(0))[real > 0].mean())
    assert found[20.0] < 0.8 * found[1e-9]


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("bce", "a negative in a slot adds -log.1 - p. already; it must be slot, or fn_loss"),
        ("gbce", "a negative in a slot adds"),
        ("bpr", "no probability among the candidates; it must be slot, or fn_loss softmax"),
        ("model", "no probability among the candidates"),
    ],
)
def test_losses_without_such_a_probability_are_refused(loss, words, tmp_path):
    write(tmp_path, lines(27))
    with pytest.raises(InputError, match=words) as caught:
        built(tmp_path, **{**REAL, "fn_loss": loss})
    assert "\n" not in str(caught.value)
