"""Medians, ratios and units of what was measured."""

from recbole_fn.benchmark import comparison


def test_medians_and_ratios_are_of_the_measured_runs(monkeypatch):
    times = iter([9.0, 9.0, 1.0, 4.0, 2.0, 6.0, 3.0, 30.0])  # the first pair warms up
    monkeypatch.setattr(comparison, "seconds_each", lambda task: next(times))
    costs = comparison.compare("a task", lambda: None, lambda: None, repeats=3)
    assert (costs.ours, costs.other, costs.ratio) == (2.0, 6.0, 3.0)
    assert (costs.lowest, costs.highest) == (3.0, 10.0)


def test_time_is_that_of_a_thousand_rows(monkeypatch):
    clock = iter([10.0, 16.0])
    monkeypatch.setattr(comparison, "perf_counter", lambda: next(clock))
    assert comparison.seconds_each(lambda: 500) == 12.0
