"""A training row is matched with its user and step, whatever numbers RecBole gives them."""

import numpy as np
import pytest

from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.row_truth import row_truth
from recbole_fn.simulation.truth import Truth, write_data
from recbole_fn.simulation.world import simulate
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import pieces


@pytest.fixture
def made(own_folder):
    truth, items = simulate(WorldOptions(users=12, items=40, length=6, slate=20))
    write_data(own_folder, "world", truth, items)
    return truth, items, own_folder


def loader(folder):
    return pieces(dataset="world", data_path=str(folder)).train_data


@pytest.mark.slow
def test_a_rows_target_is_what_its_user_took_at_its_step(made):
    truth, items, folder = made
    data = loader(folder)
    rows = row_truth(truth, dataset_of(data), sampler_of(data))
    assert len(rows.users) == 12 * 3  # of 6 interactions two are evaluated and one has no history
    assert sorted(set(rows.steps.tolist())) == [1, 2, 3]
    tokens = dataset_of(data).field2id_token[dataset_of(data).iid_field]
    targets = [int(tokens[target][1:]) for target in rows.targets]
    assert targets == items[rows.users, rows.steps].tolist()
    assert np.array_equal(rows.truth.vectors[rows.targets], truth.vectors[targets])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("u3\t", "someone\t", "the token 'someone'; it must be one of u0, u1"),
        ("u3\t", "u99\t", "has the user u99 or"),
        ("\t2\n", "\t2.5\n", "other values than steps; they must be from 0 to 5"),
    ],
)
def test_other_data_is_refused(made, old, new, message):
    truth, _, folder = made
    file = folder / "world" / "world.inter"
    file.write_text(file.read_text().replace(old, new))
    data = loader(folder)
    with pytest.raises(InputError, match=message):
        row_truth(truth, dataset_of(data), sampler_of(data))


def test_a_truth_of_fewer_items_is_refused(made):
    truth, _, folder = made
    data = loader(folder)
    with pytest.raises(InputError, match="items to i4 only"):
        fewer = Truth(truth.tastes, truth.thresholds, truth.vectors[:5])
        row_truth(fewer, dataset_of(data), sampler_of(data))
