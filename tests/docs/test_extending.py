"""The classes that the documentation prints train as a user would use them."""

import re

import pytest
import yaml

import recbole_fn
from tests.helpers.runs import ROOT, fit, pieces


def example(page, heading):
    """The first Python and the first YAML block below a heading."""
    section = (ROOT / "docs" / page).read_text().split(f"## {heading}\n")[1]
    code, keys = re.findall(r"```(?:python|yaml)\n(.*?)```", section, re.S)[:2]
    return code, yaml.safe_load(keys)


def module_of(keys):
    """The module that the keys name, such as `my_loss:Focal`."""
    return re.search(r"(\w+):\w+", str(list(keys.values()))).group(1)


def built(folder, monkeypatch, page, heading, **keys):
    code, own = example(page, heading)
    (folder / f"{module_of(own)}.py").write_text(code)
    monkeypatch.syspath_prepend(str(folder))
    return pieces(**{**own, **keys})


@pytest.mark.slow
def test_the_sampler_trains(own_folder, monkeypatch):
    run = built(own_folder, monkeypatch, "extending.md", "A sampler")
    fit(run)
    assert type(run.trainer.fn_step.sampler).__name__ == "Hardest"
    with pytest.raises(recbole_fn.InputError, match="unknown key poool .* nearest .* pool"):
        pieces(fn_sampler="my_sampler:Hardest", fn_sampler_args={"poool": 3})


@pytest.mark.slow
def test_the_loss_trains(own_folder, monkeypatch):
    run = built(own_folder, monkeypatch, "extending.md", "A loss")
    fit(run)
    assert run.trainer.fn_step.base_loss.args.gamma == 1.5
    with pytest.raises(recbole_fn.InputError, match="gamma is -1; it must be a number of at least"):
        pieces(fn_loss="my_loss:Focal", fn_loss_args={"gamma": -1})


@pytest.mark.slow
def test_the_treatment_trains_and_extracts(own_folder, monkeypatch):
    run = built(own_folder, monkeypatch, "extending.md", "A treatment", fn_flip_after=0)
    fit(run)
    assert type(run.trainer.fn_step.treatment).__name__ == "Agreed"
    assert run.trainer.fn_state.figures[2]["flipped"] > 0


def test_the_callback_watches(own_folder, monkeypatch):
    run = built(own_folder, monkeypatch, "extending.md", "A callback")
    fit(run)
    (best,) = [one for one in run.trainer.fn_callbacks.callbacks if hasattr(one, "best")]
    assert best.best > 0


def test_the_model_trains_with_a_dot_product(own_folder, monkeypatch):
    code, keys = example("models.md", "Your own model")
    (own_folder / "my_model.py").write_text(code)
    monkeypatch.syspath_prepend(str(own_folder))
    run = pieces(**keys)
    fit(run)
    assert run.trainer.fn_step.scorer.name == "dot product"


@pytest.mark.slow
def test_the_prior_is_added(own_folder, monkeypatch):
    run = built(own_folder, monkeypatch, "priors.md", "Your own prior")
    fit(run)
    assert type(run.model.fn_prior).__name__ == "Again"


@pytest.mark.parametrize("heading", ["A sampler", "A loss", "A treatment", "A callback"])
def test_an_example_is_short(heading):
    code, _ = example("extending.md", heading)
    assert len(code.strip().splitlines()) <= 25
