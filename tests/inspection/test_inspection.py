"""What is described equals naive loops, and watching changes no number of a training."""

from types import SimpleNamespace

import pytest
import torch

from recbole_fn.cli import main
from recbole_fn.inspection.draws import Draws, describe
from recbole_fn.inspection.inspecting import Inspected, inspect, later_pairs, watched
from recbole_fn.inspection.page import page
from recbole_fn.inspection.watch import Watch
from recbole_fn.negatives.base import Negatives
from recbole_fn.utils.errors import InputError
from tests.feedback import made_up
from tests.helpers.runs import ROOT, SMALL, pieces


@pytest.mark.parametrize("exclude", ["history", "target"])
def test_draws_are_described_as_naive_loops_describe_them(exclude):
    generator = torch.Generator().manual_seed(1)
    run = pieces(fn_neg_exclude=exclude)
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    context, histories = step.sampler.context, run.trainer.fn_sampler.histories
    batch = next(iter(run.trainer.fn_loader))
    rows = step.batching.rows(batch.to(run.trainer.device))
    num_items = run.dataset.item_num
    table = torch.randn(len(rows.rows), num_items, generator=generator)
    items = context.uniform(rows, 6)
    valid = torch.rand(items.shape, generator=generator) < 0.8
    labels = (torch.rand(items.shape, generator=generator) - 0.7).clamp_min(0)
    later, negatives = later_pairs(run), Negatives(items, valid=valid, labels=labels)
    draws = describe(context, rows, negatives, lambda these: table.gather(1, these), later)
    held_out = {tuple(divmod(pair, num_items)) for pair in later.tolist()}
    targets = run.trainer.fn_train_dataset.inter_feat[run.dataset.iid_field].tolist()
    known = list(zip(*(part.tolist() for part in histories.items_of(rows.users)), strict=True))
    assert len(draws.users) == min(64, len(items)) and draws.later.any()
    for row in range(0, len(draws.users), 7):
        user, target = rows.users[row].item(), rows.targets[row].item()
        taken = {item for owner, item in known if owner == row}
        taken = taken if exclude == "history" else {target}
        free = [item for item in range(1, num_items) if item not in taken]
        for n, item in enumerate(items[row].tolist()):
            above = sum(table[row, other] > table[row, item] for other in free)
            assert draws.rank[row, n] == 1 + above
            assert draws.popularity[row, n] == targets.count(item)
            assert draws.later[row, n] == ((user, item) in held_out)
            assert draws.margin[row, n] == table[row, item] - table[row, target]
    assert (draws.valid == (valid & (labels == 0))[: len(draws.users)]).all()


def test_keys_that_name_another_sampler_are_refused():
    with pytest.raises(InputError, match="fn_sampler is 'uniform' in the keys; it must be left"):
        inspect("SASRec", "tiny", ["dns", "uniform"], keys={**SMALL, "fn_sampler": "uniform"})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["srns", "cross_batch"])
def test_watching_changes_no_number(name):
    keys = {"fn_sampler": name, "epochs": 2, "fn_loss": "softmax"}
    plain = pieces(**keys)
    plain.trainer.fit(plain.train_data, None, verbose=False, saved=False)
    seen = pieces(**keys)  # seeds anew
    epochs = watched(seen)
    assert len(epochs) == 2
    for ours, other in zip(plain.model.parameters(), seen.model.parameters(), strict=True):
        assert torch.equal(ours, other)


def test_watching_keeps_what_is_known_of_real_negatives(tmp_path):
    made_up.write(tmp_path, made_up.lines(7, users=60, items=30))
    keys = {"fn_feedback_targets": "negative", "fn_real_negatives": 4, "fn_start": 0, "epochs": 4}
    plain = made_up.built(tmp_path, fn_flip_after=0, **keys)
    plain.trainer.fit(plain.train_data, None, verbose=False, saved=False)
    seen = made_up.built(tmp_path, fn_flip_after=0, **keys)  # seeds anew
    watched(seen)
    memories = [run.trainer.fn_step.memory.state_dict() for run in (plain, seen)]
    assert memories[0].keys() == memories[1].keys()
    assert all(torch.equal(memories[0][name], memories[1][name]) for name in memories[0])
    assert plain.trainer.train_loss_dict == seen.trainer.train_loss_dict


def test_watching_leaves_dropout_and_the_statistics_of_batch_norms():
    keys = {"epochs": 2, "fn_strategy": "off", "mlp_hidden_size": [8], "dropout_prob": 0.3}
    plain = pieces("DIN", **keys)
    plain.trainer.fit(plain.train_data, None, verbose=False, saved=False)
    seen = pieces("DIN", **keys)  # seeds anew
    watched(seen)
    ours, other = plain.model.state_dict(), seen.model.state_dict()
    assert [name for name in ours if not torch.equal(ours[name], other[name])] == []


def some_draws(valid, **kinds):
    one, two = torch.tensor([1]), torch.tensor([[4, 9]])
    return Draws(one, one, two, torch.full((1, 2), valid), two, two, two.float(), two > 5, **kinds)


def test_without_a_negative_in_the_loss_there_is_nothing_to_show():
    run = pieces()
    shown = page(Inspected("SASRec, tiny", run.dataset, {"in_batch": [some_draws(False)]}))
    cells = ("-", "-", "-", "-", "-", "0%")
    assert "".join(f"<td>{cell}</td>" for cell in cells) in shown.replace("\n", "").replace(" ", "")
    assert "nan" not in shown[shown.rindex("</script>") :]
    keys = {"train_batch_size": 1, "fn_batching": "prefix", "epochs": 1, "fn_sampler": "in_batch"}
    epochs = watched(pieces(**keys))
    assert not epochs[0].valid.any() and epochs[0].shares()[2] == 0


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("is_mixed", "The negatives of own are mixed with the target in the loss;"),
        ("is_weighted", "The negatives of own have weights in the loss;"),
    ],
)
def test_the_page_says_what_its_numbers_leave_out(kind, words):
    run = pieces()
    draws = {"uniform": [some_draws(True)], "own": [some_draws(True, **{kind: True})]}
    assert words in page(Inspected("SASRec, tiny", run.dataset, draws))
    assert "in the loss;" not in page(Inspected("", run.dataset, {"own": [some_draws(True)]}))


def test_what_is_mixed_or_weighted_is_noted():
    run = pieces(fn_sampler="mixup")
    assert watched(run)[0].is_mixed and not watched(pieces(epochs=1))[0].is_mixed
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    rows = step.batching.rows(next(iter(run.trainer.fn_loader)))
    items = step.sampler.context.uniform(rows, 2)
    weighted = Negatives(items, weights=torch.ones(items.shape))
    score = step.scorer.encode(run.model, rows).score
    with torch.no_grad():
        assert describe(step.sampler.context, rows, weighted, score, torch.zeros(0)).is_weighted


def test_only_the_first_step_of_an_epoch_is_described(monkeypatch):
    monkeypatch.setattr("recbole_fn.inspection.watch.describe", lambda *_: "described")
    does = {"sample": lambda *_: "drawn", "end_epoch": print, "log_q_counts_valid": True}
    inner = SimpleNamespace(context=None, args=None, **does)
    watch = Watch(inner, torch.zeros(0))
    assert [watch.sample(None, 1, None) for _ in range(3)] == ["drawn"] * 3
    watch.end_epoch()
    watch.sample(None, 1, None)
    assert watch.epochs == ["described"] * 2


@pytest.mark.slow
def test_the_command_writes_a_page(own_folder, capsys):
    run = ["-d", "tiny", f"--data_path={ROOT / 'dataset'}", "--load_col=None", "--epochs=2"]
    few = ["--fn_neg_num=8", "--hidden_size=16", "--inner_size=16"]
    assert main(["samplers", "--inspect", "--sampler=uniform,dns", *run, *few]) == 0
    page = (own_folder / "samplers.html").read_text()
    assert "<h1>What samplers of negatives draw</h1>" in page and "SASRec, tiny" in page
    for title in ("Popularity", "Rank", "Score", "Taken later"):
        assert f"<h4>{title}</h4>" in page
    assert page.count('<th scope="row">dns</th>') == 1 + 4  # a line of the table, and examples
    assert main(["samplers", "--inspect", *run]) == 2  # the page is there
    assert "samplers.html" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--sampler=dns"], "--sampler is 'dns', which the list does not use"),
        (["--inspect", "--sampler=hard", "--epochs=1"], "fn_sampler is 'hard'"),
    ],
)
def test_a_mistake_is_named_in_one_line(arguments, words, own_folder, capsys):
    assert main(["samplers", *arguments]) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("error: ") and words in line
