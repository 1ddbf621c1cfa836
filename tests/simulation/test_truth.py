"""The truth of pairs is that of the catalogue, and survives its file."""

import dataclasses

import numpy as np
import pytest

from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.truth import read_truth, write_data
from recbole_fn.simulation.world import simulate
from recbole_fn.utils.errors import InputError


@pytest.fixture(scope="module")
def life():
    return simulate(WorldOptions(users=20, items=60, length=5, slate=20))


def test_pairs_are_answered_as_the_catalogue_is(life):
    truth, _ = life
    users, steps = np.array([0, 3, 19]), np.array([4, 0, 2])
    whole = truth.liked_catalogue(users, steps)
    for item in range(60):
        assert truth.liked(users, steps, np.full(3, item)).tolist() == whole[:, item].tolist()


def test_files_hold_the_interactions_and_the_truth(life, own_folder):
    truth, items = life
    place = write_data(own_folder / "data", "small", truth, items)
    again = read_truth(place)
    for field in dataclasses.fields(truth):
        assert np.array_equal(getattr(truth, field.name), getattr(again, field.name))
    header, *lines = (place / "small.inter").read_text().splitlines()
    assert header == "user_id:token\titem_id:token\ttimestamp:float"
    read = np.full(items.shape, -1)
    for line in lines:
        user, item, step = line.split("\t")
        read[int(user[1:]), int(step)] = int(item[1:])
    assert np.array_equal(read, items)


def test_a_missing_truth_is_named(own_folder):
    with pytest.raises(InputError, match=r"without a readable nothing\.truth\.npz"):
        read_truth(own_folder / "nothing")


def test_a_folder_that_cannot_be_written_is_named(life, own_folder):
    (own_folder / "file").write_text("")
    with pytest.raises(InputError, match="--out .*file.* cannot be written"):
        write_data(own_folder / "file", "small", *life)
