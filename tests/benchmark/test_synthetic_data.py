"""Made-up data are what their description says."""

import pandas as pd

from recbole_fn.benchmark.synthetic_data import write_dataset


def test_each_user_has_equally_many_interactions_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr("recbole_fn.benchmark.synthetic_data._CHUNK", 7)
    write_dataset(tmp_path, "made", num_users=50, num_items=30, each=40)
    table = pd.read_csv(tmp_path / "made" / "made.inter", sep="\t")
    assert list(table) == ["user_id:token", "item_id:token", "timestamp:float"]
    table.columns = ["user", "item", "time"]
    assert table.groupby("user").size().tolist() == [40] * 50
    assert table["time"].tolist() == [*range(40)] * 50
    assert table["item"].between(1, 29).all()


def test_items_are_as_popular_as_zipfs_law_says(tmp_path):
    write_dataset(tmp_path, "made", num_users=2000, num_items=1000, each=10)
    items = pd.read_csv(tmp_path / "made" / "made.inter", sep="\t")["item_id:token"]
    share = items.value_counts(normalize=True)
    # log(2) / log(1000) of the draws are item 1, log(3/2) / log(1000) are item 2, ...
    assert abs(share[1] - 0.1003) < 0.01
    assert abs(share[2] - 0.0587) < 0.01
    assert abs(share[share.index >= 100].sum() - 1 / 3) < 0.015
