"""Loads a running service with many clients at once: `python -m tests.helpers.load URL SECONDS`."""

import asyncio
import random
import sys
import time

import httpx
import numpy as np


async def load(url, seconds, clients=64):
    """The codes of all answers, and the seconds that each took."""
    codes, times, end = [], [], time.monotonic() + seconds
    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=30) as client:
        names = (await client.get("/items?most=1000")).json()["items"]

        async def one(seed):
            chance = random.Random(seed)
            while time.monotonic() < end:
                body = {"histories": [chance.choices(names, k=chance.randint(1, 50))], "k": 10}
                begin = time.monotonic()
                response = await client.post("/recommend", json=body)
                times.append(time.monotonic() - begin)
                codes.append(response.status_code)

        await asyncio.gather(*map(one, range(clients)))
    return codes, times


if __name__ == "__main__":
    codes, times = asyncio.run(load(sys.argv[1], float(sys.argv[2])))
    half, most = np.percentile(times, [50, 99]) * 1000
    wrong = sum(code != 200 for code in codes)
    print(f"{len(codes)} answers, {wrong} errors, p50 {half:.0f} ms, p99 {most:.0f} ms")
