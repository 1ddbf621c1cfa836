"""What a table leaves out, and for whom; users that nobody has are told."""

from typing import Any

import pandas as pd
import pytest

import recbole_fn
from recbole_fn.recommendation.loading import Loaded
from tests.helpers.saved_runs import lists, saved_run


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return Loaded.from_file(saved_run(tmp_path_factory.mktemp("saved"), epochs=1)[1])


@pytest.fixture(scope="module")
def whole(loaded):
    return lists(recbole_fn.recommend(loaded, k=50, exclude="none"))


def pairs(users, items, name="user_id"):
    return pd.DataFrame({name: users, "item_id": items})


def test_unknown_users_are_counted(loaded, whole, caplog):
    best = whole["u0"][0]
    table = pairs(["u0", "zz", "yy", "zz", "u3"], [best] * 5)
    ours = lists(recbole_fn.recommend(loaded, users=["u0", "u1"], k=50, exclude=table))
    assert ours == {"u0": whole["u0"][1:], "u1": whole["u1"]}
    words = "2 of 4 users of exclude are not in the data set or the histories, the first 'zz'"
    assert f"{words}: passed over" in caplog.text
    with pytest.raises(recbole_fn.InputError, match="2 of 2 users of exclude are not in the data"):
        recbole_fn.recommend(loaded, users=["u0"], exclude=pairs(["zz", "yy"], [best] * 2))


def test_users_of_histories_and_users_not_asked_for_are_known(loaded, caplog):
    table = pairs(["session", "u5"], ["i7", "i8"])
    given = {"session": ["i1"], "other": ["i1"]}
    ours = lists(recbole_fn.recommend(loaded, histories=given, k=50, exclude=table))
    assert ours["session"] == [item for item in ours["other"] if item != "i7"]
    assert "of exclude" not in caplog.text


@pytest.mark.parametrize("name", ["userid", "USER", "User ID", "userId", "uid", "customer_id"])
def test_a_column_of_users_with_another_name_is_refused(loaded, name):
    with pytest.raises(recbole_fn.InputError, match=f"exclude has the column '{name}', which is n"):
        recbole_fn.recommend(loaded, exclude=pairs(["u0"], ["i1"], name))


def test_other_columns_of_items_are_passed_over(loaded, whole):
    table = pd.DataFrame({"item": ["i1"], "title": "Lamp", "price": 3, "num_users": 80})
    ours = lists(recbole_fn.recommend(loaded, k=50, exclude=table))
    assert ours["u0"] == [item for item in whole["u0"] if item != "i1"]


def test_none_is_nothing(loaded, whole):
    assert lists(recbole_fn.recommend(loaded, k=50, exclude=None)) == whole
    wrong: Any = 3
    with pytest.raises(recbole_fn.InputError, match="^exclude is 3; it must be a file, a frame or"):
        recbole_fn.recommend(loaded, exclude=wrong)
