"""Loads a running service with many clients at once: `python -m tests.helpers.load URL SECONDS`."""

import asyncio
import json
import random
import re
import sys
import time
from urllib.parse import urlsplit

import numpy as np

_POST = "POST /recommend HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n"


async def _ask(reader, writer, request):
    """The code and the body of an answer; a library would take longer than the service."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(re.search(r"(?i)content-length: (\d+)", head)[1])
    return int(head.split()[1]), await reader.readexactly(length)


async def load(url, seconds, clients=64):
    """The codes of all answers, and the seconds that each took."""
    place, codes, times = urlsplit(url), [], []
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    names = f"GET /items?most=1000 HTTP/1.1\r\nHost: {place.hostname}\r\n\r\n"
    names = json.loads((await _ask(reader, writer, names.encode()))[1])["items"]
    end = time.monotonic() + seconds

    async def one(seed):
        chance = random.Random(seed)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        while time.monotonic() < end:
            body = {"histories": [chance.choices(names, k=chance.randint(1, 50))], "k": 10}
            sent = json.dumps(body).encode()
            head = _POST.format(place.hostname) + f"Content-Length: {len(sent)}\r\n\r\n"
            begin = time.monotonic()
            code, _ = await _ask(reader, writer, head.encode() + sent)
            times.append(time.monotonic() - begin)
            codes.append(code)
        writer.close()

    await asyncio.gather(*map(one, range(clients)))
    writer.close()
    return codes, times


if __name__ == "__main__":
    codes, times = asyncio.run(load(sys.argv[1], float(sys.argv[2])))
    half, most = np.percentile(times, [50, 99]) * 1000
    wrong = sum(code != 200 for code in codes)
    print(f"{len(codes)} answers, {wrong} errors, p50 {half:.0f} ms, p99 {most:.0f} ms")
