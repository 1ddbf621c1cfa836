"""What is described equals naive loops, and watching changes no number of a training."""

from types import SimpleNamespace

import pytest
import torch

from recbole_fn.cli import main
from recbole_fn.inspection.draws import describe
from recbole_fn.inspection.inspecting import inspect, later_pairs, watched
from recbole_fn.inspection.watch import Watch
from recbole_fn.negatives.base import Negatives
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import ROOT, SMALL, pieces


def test_draws_are_described_as_naive_loops_describe_them():
    generator = torch.Generator().manual_seed(1)
    run = pieces()
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


def test_only_the_first_step_of_an_epoch_is_described(monkeypatch):
    monkeypatch.setattr("recbole_fn.inspection.watch.describe", lambda *_: "described")
    inner = SimpleNamespace(context=None, args=None, sample=lambda *_: "drawn", end_epoch=print)
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
