"""What comes while a batch is computed is the next batch."""

import asyncio
import threading

import pytest

from recbole_fn.serving.batching import Batcher


def _run(answer, ask, most=8):
    async def main():
        async with Batcher(answer, most) as batcher:
            return await asyncio.wait_for(ask(batcher), 20)

    return asyncio.run(main())


def test_questions_that_come_together_are_one_batch():
    first, batches = threading.Event(), []

    def answer(numbers):
        batches.append(list(numbers))
        first.wait(20)
        return [n * n for n in numbers]

    async def ask(batcher):
        alone = asyncio.create_task(batcher.ask(0))
        while not batches:
            await asyncio.sleep(0.001)
        others = [asyncio.create_task(batcher.ask(n)) for n in range(1, 12)]
        await asyncio.sleep(0)
        first.set()
        return await asyncio.gather(alone, *others)

    assert _run(answer, ask) == [n * n for n in range(12)]
    assert batches == [[0], list(range(1, 9)), [9, 10, 11]]


def test_a_mistake_reaches_those_of_its_batch_alone():
    def answer(numbers):
        return [1 / n for n in numbers]

    async def ask(batcher):
        with pytest.raises(ZeroDivisionError):
            await batcher.ask(0)
        return await batcher.ask(4)

    assert _run(answer, ask) == 0.25


def test_who_has_gone_away_is_not_answered():
    first, batches = threading.Event(), []

    def answer(numbers):
        batches.append(list(numbers))
        first.wait(20)
        return numbers

    async def ask(batcher):
        alone = asyncio.create_task(batcher.ask(0))
        while not batches:
            await asyncio.sleep(0.001)
        gone, stays = (asyncio.create_task(batcher.ask(n)) for n in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        alone.cancel()
        first.set()
        return await stays

    assert _run(answer, ask) == 2
    assert batches == [[0], [2]]
