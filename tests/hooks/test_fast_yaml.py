"""Property files read in C have the values that RecBole's loader gives them."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import recbole
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from recbole.config import Config

from recbole_fn.hooks.fast_yaml import fast_loading
from tests.helpers.drawn_mistakes import _BROKEN_FILES, _YAML_VALUES
from tests.helpers.runs import ROOT

FILES = [*(Path(recbole.__file__).parent / "properties").rglob("*.yaml")]
FILES += [*(ROOT / "properties").rglob("*.yaml")]
SLOW = vars(Config)["_build_yaml_loader"](None)
CONFIG = SimpleNamespace(yaml_loader=SLOW)
with fast_loading(CONFIG):
    FAST = CONFIG.yaml_loader


def outcome(text, loader):
    """What a text is read as, with types, or the words of the refusal."""
    try:
        return repr(yaml.load(text, Loader=loader))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def test_all_files_of_recbole_and_of_this_package_are_equal():
    assert len(FILES) > 90
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert outcome(text, FAST) == outcome(text, SLOW)


@pytest.mark.parametrize("text", [*_YAML_VALUES, *_BROKEN_FILES], ids=repr)
def test_odd_and_broken_values_are_read_or_refused_alike(text):
    text = f"key: {text}" if isinstance(text, str) else text.decode("utf-8", "replace")
    assert outcome(text, FAST) == outcome(text, SLOW)


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("ab01.:-+_eE \n\t[]{},#&*!|>'\"%@`~?xX"), max_size=30))
def test_any_text_is_read_or_refused_alike(text):
    assert outcome(f"key: {text}", FAST) == outcome(f"key: {text}", SLOW)
