"""Answers questions that come together in one batch, without waiting for others."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Batcher(Generic[Q, A]):
    """Collects what is asked while a batch is computed; all of that is the next batch.

    A single question is answered at once. Batches are computed one after another in a thread.

    Args:
        answer: Answers a batch, in order.
        most: Questions of a batch.

    Example:
        >>> async def ask_all():
        ...     async with Batcher(lambda numbers: [10 * n for n in numbers], most=2) as batcher:
        ...         return await asyncio.gather(*(batcher.ask(n) for n in range(3)))
        >>> asyncio.run(ask_all())
        [0, 10, 20]
    """

    def __init__(self, answer: Callable[[Sequence[Q]], Sequence[A]], most: int) -> None:
        self.answer, self.most = answer, most
        self._waiting: asyncio.Queue[tuple[Q, asyncio.Future[A]]] = asyncio.Queue()

    async def __aenter__(self) -> "Batcher[Q, A]":
        self._pool = ThreadPoolExecutor(1, "answers")
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._pool.shutdown()

    async def ask(self, question: Q) -> A:
        """The answer to a question.

        Args:
            question: What `answer` understands.

        Raises:
            Exception: what `answer` has raised for the batch.
        """
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((question, future))
        return await future

    async def _run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < self.most and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            # One who has gone away is not answered.
            await self._answer([one for one in batch if not one[1].done()])

    async def _answer(self, batch: Sequence[tuple[Q, "asyncio.Future[A]"]]) -> None:
        questions = [question for question, _ in batch]
        try:
            loop = asyncio.get_running_loop()
            answers = await loop.run_in_executor(self._pool, self.answer, questions)
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
