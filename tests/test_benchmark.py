"""The benchmark runs and reports what it measured; how fast anything is, no test says."""

import json

from recbole_fn import benchmark
from tests.runs import ROOT


def test_it_prints_a_table_and_writes_the_figures(capsys, own_folder):
    tiny = ["--dataset=tiny", f"--data_path={ROOT / 'dataset'}", "--model=GRU4Rec"]
    benchmark.main([*tiny, "--batches=1", "--repeats=2", "--json=figures.json"])
    rows = json.loads((own_folder / "figures.json").read_text())
    assert [row["what"].split(": ")[1] for row in rows] == [
        "RecBole's Sampler",
        "RecBole with BPR, 1 negative",
        "the same",
        "ours without extraction",
    ]
    printed = capsys.readouterr().out
    for row in rows:
        assert row["times_faster"] == row["other"] / row["ours"] > 0
        assert row["lowest"] <= row["highest"]
        assert f"{row['times_faster']:.3g}" in printed


def test_medians_and_ratios_are_of_the_measured_runs(monkeypatch):
    times = iter([9.0, 9.0, 1.0, 4.0, 2.0, 6.0, 3.0, 30.0])  # the first pair warms up
    monkeypatch.setattr(benchmark, "_seconds", lambda task: next(times))
    found = benchmark.compare("a task", lambda: None, lambda: None, repeats=3)
    assert (found.ours, found.other, found.times_faster) == (2.0, 6.0, 3.0)
    assert (found.lowest, found.highest) == (3.0, 10.0)
