"""The benchmark runs and reports what it measured; how fast anything is, no test says."""

import json

from recbole_fn import benchmark, comparison
from tests.runs import ROOT


def test_it_prints_a_table_and_writes_the_figures(capsys, own_folder):
    tiny = ["--dataset=tiny", f"--data_path={ROOT / 'dataset'}", "--model=GRU4Rec"]
    benchmark.main([*tiny, "--batches=1", "--repeats=2", "--json=figures.json"])
    rows = json.loads((own_folder / "figures.json").read_text())
    assert [row["what"] for row in rows] == [
        "loading the data: RecBole",
        "drawing 100 negatives: RecBole's Sampler",
        "training: RecBole, BPR, 1 negative",
        "training with fn_batching prefix: RecBole, BPR, 1 negative",
        "training: RecBole, CE",
        "training: RecBole, BPR, 100 negatives",
        "training with extraction: ours before extraction",
    ]
    printed = capsys.readouterr().out
    for row in rows:
        assert row["times_faster"] == row["other"] / row["ours"] > 0
        assert row["lowest"] <= row["highest"]
        assert f"{row['times_faster']:.3g}" in printed


def test_medians_and_ratios_are_of_the_measured_runs(monkeypatch):
    times = iter([9.0, 9.0, 1.0, 4.0, 2.0, 6.0, 3.0, 30.0])  # the first pair warms up
    monkeypatch.setattr(comparison, "_seconds", lambda task: next(times))
    found = comparison.compare("a task", lambda: None, lambda: None, repeats=3)
    assert (found.ours, found.other, found.times_faster) == (2.0, 6.0, 3.0)
    assert (found.lowest, found.highest) == (3.0, 10.0)


def test_time_is_that_of_a_thousand_rows(monkeypatch):
    clock = iter([10.0, 16.0])
    monkeypatch.setattr(comparison, "perf_counter", lambda: next(clock))
    assert comparison._seconds(lambda: 500) == 12.0
