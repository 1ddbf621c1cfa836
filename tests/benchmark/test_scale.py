"""Time per row leaves the first batches out."""

import pytest

from recbole_fn.benchmark.scale import _seconds_each


def test_the_time_for_a_thousand_rows_leaves_the_first_batches_out():
    # Seconds at which a batch was ready, and rows given before it; at last the end.
    marks = [(0.0, 0), (50.0, 10), (80.0, 20), (90.0, 30), (91.0, 40), (94.0, 80)]
    assert _seconds_each(marks) == pytest.approx(4 / 50 * 1000)
    assert _seconds_each(marks[:2]) == pytest.approx(50 / 10 * 1000)
