"""The few threads in which files are read and written: the event loop waits for no disk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

THREADS = 4

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="files")


async def in_thread(work: Callable[[], T]) -> T:
    """What `work` returns, done in one of the threads."""
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
