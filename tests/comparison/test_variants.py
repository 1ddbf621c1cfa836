"""Variants and seeds are chosen by name and number; a mistake is named."""

import pytest

from recbole_fn.cli.compare import read_seeds
from recbole_fn.comparison.variants import VARIANTS, baseline_of, choose_seeds, choose_variants
from recbole_fn.utils.errors import InputError


def test_all_variants_by_default_and_chosen_ones_in_the_order_given():
    assert choose_variants() == VARIANTS
    assert (
        list(choose_variants(["flip", "off"]))
        == list(choose_variants("flip,off"))
        == ["flip", "off"]
    )


def test_variants_of_ones_own_and_their_base():
    own = {"long": {"epochs": 9}, "short": {"epochs": 3}}
    assert choose_variants(own) == own and baseline_of(own) == "long"
    assert baseline_of(VARIANTS) == baseline_of(["flip", "off"]) == "off"


@pytest.mark.parametrize(
    ("variants", "words"),
    [(["off", "flp"], ["'flp'", "flip", "recbole-ce"]), ([], ["empty"]), ({}, ["empty"])],
)
def test_an_unknown_variant_is_named(variants, words):
    with pytest.raises(InputError) as caught:
        choose_variants(variants)
    assert all(word in str(caught.value) for word in words)


def test_seeds_count_up_from_the_configured_one_or_are_listed():
    assert choose_seeds(3, 2020) == [2020, 2021, 2022]
    assert choose_seeds([7, 1], 2020) == [7, 1]


@pytest.mark.parametrize("seeds", [0, -2, [], [1, 1], [-1], [1.5], [2**32]])
def test_bad_seeds_are_refused(seeds):
    with pytest.raises(InputError, match="seeds is"):
        choose_seeds(seeds, 2020)


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("5", 5),
        ("1,7", [1, 7]),
        ("[1, 7]", [1, 7]),
        ("[7]", [7]),
        ("42,", [42]),
        ("0", 0),
        ("20", 20),
    ],
)
def test_seeds_are_read_from_text(text, seeds):
    assert read_seeds(text) == seeds


@pytest.mark.parametrize("text", ["five", "1.5", "", "1,x", "21", "42"])
def test_text_that_is_no_seeds_is_refused(text):
    with pytest.raises(InputError, match="seeds is"):
        read_seeds(text)
