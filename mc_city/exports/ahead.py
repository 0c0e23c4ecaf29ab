"""Pieces of a city made by several threads, and taken in their order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")
MOST_JOBS = 4


def made_ahead(
    make: Callable[[Item], Made], items: Iterable[Item], jobs: int | None = None
) -> Iterator[Made]:
    """What is made of each item, in the order of the items. One more is made ahead than there are
    threads, so memory is bounded. jobs: threads; as many as there are processors, up to four."""
    many = jobs or min(os.cpu_count() or 1, MOST_JOBS)
    waiting: deque[Future[Made]] = deque()
    pool = ThreadPoolExecutor(max_workers=many)
    try:
        for item in items:
            waiting.append(pool.submit(make, item))
            if len(waiting) > many:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
