"""When extraction starts."""

import pytest

from recbole_fn.checkpoint.state import RunState
from recbole_fn.training.start import (
    auto_reason,
    describe_wait,
    higher_is_better,
    paper_reason,
    start_reason,
)

FALLING = [10.0, 9.0, 8.0, 7.0, 6.5, 6.0, 5.5, 5.0]


def test_the_paper_waits_for_epoch_8_and_a_plateau():
    flat = [10.0, 8.0, 7.0, 6.5, 6.2, 6.0, 5.99, 5.98]  # (10 - 6) / 200 = 0.02
    assert paper_reason(7, flat[:7]) is None
    assert paper_reason(8, flat) is not None
    assert paper_reason(8, FALLING) is None
    assert paper_reason(9, [*FALLING, 4.99]) is not None


def test_the_papers_bound_is_strict():
    losses = [4.0, 3.0, 2.0, 1.0, 0.5, 0.0, 1.0, 0.98]  # bound 0.02
    assert paper_reason(8, [*losses[:7], 1.0 - 0.0625]) is None
    assert paper_reason(8, [*losses[:7], 1.0 - 0.015625]) is not None


def test_a_loss_that_rises_is_a_plateau():
    assert paper_reason(8, [*FALLING[:7], 6.0]) is not None


POPULARITY = 0.0109
# Validation MRR@10 of SASRec on ml-100k, 512 rows a batch: a plateau, learning, slowing down.
ML_100K = [
    *(0.0112, 0.0109, 0.0117, 0.0111, 0.0106, 0.0198, 0.0245, 0.0272, 0.0277, 0.0298),
    *(0.0321, 0.0353, 0.0353, 0.0338, 0.0393, 0.0368, 0.0399, 0.0362, 0.0399, 0.0402),
]


def test_auto_passes_over_the_first_plateau_and_starts_when_learning_slows_down():
    started = [n for n in range(len(ML_100K) + 1) if auto_reason(ML_100K[:n], POPULARITY)]
    assert started[0] == 20


def test_auto_waits_without_scores_to_compare():
    assert auto_reason([], 0.01) is None
    assert auto_reason([0.1] * 5, 0.01) is None
    assert auto_reason([0.1] * 6, 0.01) is not None


def test_auto_does_not_start_before_the_model_beats_popular_items():
    assert auto_reason([0.011, 0.0109, 0.0112] * 10, POPULARITY) is None
    assert auto_reason([0.0149] * 10, 0.01) is None


@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_an_epoch_starts_there_and_stays_on(epoch):
    assert start_reason(3, epoch, [], RunState()) == ("fn_start is epoch 3" if epoch >= 3 else None)


def test_auto_without_validation_uses_the_papers_rule():
    plateau, seen = [*FALLING, 5.0], RunState(scores=[0.1] * 9, popularity=0.1)
    assert paper_reason(9, plateau) is not None
    assert start_reason("auto", 9, plateau, RunState()) == paper_reason(9, plateau)
    assert start_reason("auto", 9, plateau, seen) is None


def test_a_run_that_ends_before_the_start_says_what_it_waited_for():
    seen = RunState(scores=[0.011, 0.012], popularity=0.0109)
    assert "0.0120, that of popular items 0.0109" in describe_wait("auto", seen)
    assert describe_wait(7, seen) == "extraction never started with fn_start: 7"
    assert describe_wait(7, seen, "averaging") == "averaging never started with fn_start: 7"


def test_a_score_that_falls_as_models_improve_is_turned_round():
    assert higher_is_better(0.25, True) == 0.25
    assert higher_is_better(0.25, False) > higher_is_better(0.5, False) > 0
    assert higher_is_better(0.0, False) < float("inf")
