"""Ranks but the first one write nothing."""

import pytest

from recbole_fn.hooks import distributed


@pytest.mark.parametrize(("rank", "board"), [(0, "RecBole's"), (1, None)])
def test_ranks_but_the_first_write_to_no_board(rank, board, monkeypatch):
    group = type("Group", (), {"rank": rank})
    monkeypatch.setattr(distributed.Group, "of_this_process", lambda: group)
    made = distributed.get_tensorboard(lambda logger: "RecBole's", None)
    assert made == board if rank == 0 else made.add_scalar("loss", 1.0, 3) is None
