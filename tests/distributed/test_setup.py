"""What becomes of RecBole's configuration in a group."""

import pytest
import torch
from recbole.config import Config

from recbole_fn.distributed import setup
from recbole_fn.distributed.group import Group
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import SMALL


def config(**keys):
    return Config("SASRec", "tiny", config_dict={**SMALL, "train_neg_sample_args": None, **keys})


def test_a_configuration_of_one_process_stays_as_it_is():
    plain = config()
    assert setup.as_alone(plain) is plain


def test_a_configuration_of_a_group_is_taken_out_of_it_in_a_copy():
    of_rank = config(world_size=2, nproc=2, ip="localhost", port=1, offset=0)
    of_rank["single_spec"], of_rank["local_rank"] = False, 1
    alone = setup.as_alone(of_rank)
    assert alone["single_spec"] is True and alone["local_rank"] == 0
    assert "world_size" not in alone and "port" not in alone
    assert alone["train_batch_size"] == of_rank["train_batch_size"]
    assert of_rank["single_spec"] is False and of_rank["world_size"] == 2


@pytest.mark.parametrize(("rank", "order"), [(0, ["reads", "waits"]), (1, ["waits", "reads"])])
def test_one_rank_downloads_before_the_others_read(rank, order, monkeypatch, own_folder):
    done = []

    class Rank(Group):
        def agree(self, value):
            return value

        def wait(self):
            done.append("waits")

    monkeypatch.setattr(Group, "of_this_process", lambda: Rank(rank, 2))
    for folder, expected in ((own_folder / "none", order), (own_folder, ["reads"])):
        done.clear()
        with setup.one_downloads({"data_path": folder, "local_rank": rank}):
            done.append("reads")
        assert done == expected


@pytest.mark.parametrize("gpu_id", [1, "1", (0,), "0,"])
def test_more_processes_than_gpus_are_refused_where_there_are_any(gpu_id, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 8)
    with pytest.raises(InputError, match="--nproc is 2 and gpu_id is '[01]'"):
        setup.require_gpus({"gpu_id": gpu_id}, 2)
    setup.require_gpus({"gpu_id": (0, 1)}, 2)
    setup.require_gpus({"gpu_id": ""}, 2)  # CPUs are asked for
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(InputError, match="gpu_id is '0,1'"):
        setup.require_gpus({"gpu_id": "0,1"}, 2)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    setup.require_gpus({"gpu_id": gpu_id}, 2)
