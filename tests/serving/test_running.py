"""A service in a process of its own: under load, stopped, and started by mistake."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from recbole_fn.cli.dispatch import main
from tests.helpers.load import load
from tests.helpers.runs import ROOT
from tests.helpers.saved_runs import saved_run
from tests.helpers.sockets import listening

pytest.importorskip("fastapi", reason="needs the extra serve")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return saved_run(tmp_path_factory.mktemp("saved"), epochs=1)[1]


@contextmanager
def service(checkpoint, *options):
    """The process of a service, and its address."""
    command = [sys.executable, "-W", "ignore", "-m", "recbole_fn", "serve", "--port=0", *options]
    process = subprocess.Popen(
        [*command, f"--checkpoint={checkpoint}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        lines = iter(process.stdout.readline, "")
        yield process, next(m[0] for line in lines if (m := re.search(r"http://[\d.:]+", line)))
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_64_clients_at_once_then_a_stop_that_answers_what_has_begun(checkpoint):
    with service(checkpoint) as (process, url):
        assert {host for host, _ in listening(process.pid)} == {"127.0.0.1"}
        codes, _times = asyncio.run(load(url, 2))
        assert set(codes) == {200} and len(codes) > 64
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 30) as begun:
            body = b'{"histories": [["i1"]]}'
            begun.sendall(_HEAD % len(body))
            assert begun.recv(100).startswith(b"HTTP/1.1 100")  # the body is waited for
            process.send_signal(signal.SIGTERM)
            while _accepts(host, int(port)):
                time.sleep(0.01)
            begun.sendall(body)
            assert begun.recv(100).startswith(b"HTTP/1.1 200")
        assert process.wait(30) == 0
        assert process.stdout.read().splitlines()[-1] == "Stopped"


_HEAD = b"""POST /recommend HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r
Content-Length: %d\r\n\r\n"""


def _accepts(host, port):
    try:
        socket.create_connection((host, port), 30).close()
    except OSError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "--checkpoint is missing"),
        (["--checkpoint=x.pth", "--host=0.0.0.0"], "token_file must name a file with a token"),
        (["--checkpoint=x.pth", "--token_file=none"], "token_file 'none' cannot be read (No such"),
        (
            ["--checkpoint=x.pth", "--token_file=short"],
            "a token of 5 letters; it must have",
        ),
        (["--checkpoint=x.pth", "--port=70000"], "port is 70000; it must be from 0 to 65535"),
        (["--checkpoint=x.pth", "--port=x"], "--port is 'x'; it must be an integer"),
        (["--checkpoint=x.pth", "--port=0"], "x.pth"),
    ],
)
def test_mistakes_end_with_one_line(options, words, own_folder, capsys):
    (own_folder / "short").write_text("12345")
    assert main(["serve", *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ") and words in line


def test_a_port_that_is_taken_is_named(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--checkpoint=x.pth", f"--port={port}"]) == 2
    assert (
        f"port {port}, at which nothing can listen (Address already in use)"
        in capsys.readouterr().err
    )


def test_a_missing_package_is_named_with_its_extra(monkeypatch, capsys):
    from recbole_fn.environment import packages

    monkeypatch.setitem(packages.EXTRAS, "serve", ("no-such-package",))
    assert main(["serve", "--checkpoint=x.pth"]) == 2
    assert 'pip install "recbole_fn[serve]"' in capsys.readouterr().err
