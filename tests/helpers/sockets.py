"""Where a process and all that it has started listen, read from /proc."""

import os
import re
from pathlib import Path


def listening(pid):
    """The (host, port) at which a process and its descendants listen for TCP."""
    inodes = {inode for one in _tree(pid) for inode in _inodes(one)}
    addresses = set()
    for name in ("tcp", "tcp6"):
        for line in Path("/proc/net", name).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:  # listens
                host, port = fields[1].split(":")
                addresses.add((_host(host), int(port, 16)))
    return addresses


def _host(text):
    if len(text) == 8:
        return ".".join(str(byte) for byte in bytes.fromhex(text)[::-1])
    mapped = re.fullmatch("0{16}FFFF0000([0-9A-F]{8})", text)  # IPv4 within IPv6
    return _host(mapped[1]) if mapped else text


def _tree(pid):
    family, parents = {pid}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _inodes(pid):
    links = (_target(path) for path in _entries(Path(f"/proc/{pid}/fd")))
    return [link[8:-1] for link in links if link.startswith("socket:[")]


def _entries(folder):
    try:
        return list(folder.iterdir())
    except OSError:
        return []  # the process has just ended


def _target(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""  # this file has just been closed; the others are still there
