"""Explanations keep each recommended item, also one that no item of the history raises."""

import numpy as np
import pandas as pd
import torch

from recbole_fn.cli.dispatch import main
from recbole_fn.recommendation import explanation
from recbole_fn.recommendation.explanation import explain, explanation_page
from recbole_fn.recommendation.loading import Loaded
from tests.helpers.page_checks import Page
from tests.helpers.runs import ROOT
from tests.helpers.saved_runs import saved_run, whole_history


def test_an_item_without_a_reason_keeps_its_row(tmp_path, monkeypatch, capsys):
    _, path = saved_run(tmp_path, epochs=1)
    loaded = Loaded.from_file(path)
    length = len(whole_history(ROOT / "dataset" / "tiny" / "tiny.inter", "u0"))
    lost = torch.randn(length, loaded.dataset.item_num, generator=torch.Generator().manual_seed(1))
    lost[:, ::2] = -lost[:, ::2].abs()  # no item of the history raises every second item
    monkeypatch.setattr(explanation, "_lost", lambda loaded, asked: lost)
    found = explain(loaded, "u0", k=10, because=2)
    assert sorted(found["rank"].unique()) == list(range(1, 11))
    ids = {token: number for number, token in enumerate(loaded.item_tokens)}
    expected = []
    for item in found["item"].unique():
        shares = sorted((float(one) for one in lost[:, ids[item]] if one > 0), reverse=True)
        expected += shares[:2] or [np.nan]
    np.testing.assert_array_equal(found["share"], expected)
    without = found["share"].isna()
    assert without.sum() > 0 and set(found["because of"][without]) == {""}
    assert all(found["because of"][~without])
    ((_, *rows),) = Page(explanation_page(loaded, "u0", found)).tables
    assert len(rows) == 10
    by_item = {row[1]: row[3] for row in rows}
    for item in found["item"][without]:
        assert by_item[item] == "no item raises the score"
    assert main(["explain", f"--checkpoint={path}", "--user=u0", "--k=10"]) == 0
    assert "NaN" not in capsys.readouterr().out
    assert pd.api.types.is_float_dtype(found["share"])
