"""Where ranks find one another."""

import os
import socket

import pytest

from recbole_fn.distributed.rendezvous import rendezvous_port, require_port
from recbole_fn.utils.errors import InputError
from tests.helpers.groups import in_group


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "", "5678.0"])
def test_what_is_no_port_is_refused(port):
    with pytest.raises(InputError, match="must be an integer from 1 to 65535"):
        require_port(port, is_opened_here=False)


def test_a_port_in_use_is_refused_where_it_is_to_be_opened():
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"--port is {port}, which is in use"):
            require_port(port, is_opened_here=True)
        assert require_port(str(port), is_opened_here=False) == port
    assert require_port(str(port), is_opened_here=True) == port


def test_groups_at_the_same_time_meet_at_ports_that_are_taken():
    with rendezvous_port() as one, rendezvous_port() as other:
        assert one != other
        for port in (one, other):
            with pytest.raises(OSError, match="in use"):
                socket.create_server(("", port))


def port_and_rank(group):
    return group["port"], group["local_rank"]


@pytest.mark.slow
def test_a_group_meets_while_another_ones_port_is_open(monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "7")
    before = dict(os.environ)
    with rendezvous_port() as taken:
        port, rank = in_group(2, port_and_rank)
        assert port != taken and rank == 0
    assert dict(os.environ) == before
