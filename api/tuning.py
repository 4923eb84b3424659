"""How a process that serves shares out its time and gives back its memory."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

from anyio.to_thread import current_default_thread_limiter

from api.in_turn import AT_ONCE

# One for each request that is let in, and some for what stands before them (kept answers, keys) and
# for asking after the server's health.
THREADS = AT_ONCE + 4
# How often garbage is looked for: among the newest objects every ten requests or so, and among all
# that is kept, which stops every request for a third of a second, once in some ten thousand.
_GARBAGE = (20_000, 20, 50)
# glibc's mallopt: a heap for each of a few threads instead of for each, and arrays of a megabyte
# and more straight from the system, which gets them back at once. With two heaps instead of one a
# thread the process held 370 MB less after 6,000 requests at full size; it still grew by a fifth in
# their second half, and what pieces of Python objects hold is not touched by this.
_MALLOPT = {-8: 2, -3: 2**20}  # M_ARENA_MAX, M_MMAP_THRESHOLD (malloc.h)


@contextmanager
def tuned() -> Iterator[None]:
    """While the app runs; to be entered in its event loop."""
    limiter, garbage = current_default_thread_limiter(), gc.get_threshold()
    threads = limiter.total_tokens
    limiter.total_tokens = THREADS
    gc.set_threshold(*_GARBAGE)
    try:
        yield
    finally:
        gc.set_threshold(*garbage)
        limiter.total_tokens = threads


def give_back_memory() -> bool:
    """Ask the C library to keep no more than it needs; whether it can be asked (glibc can).

    For the rest of the process's life, so only where serving is all it does.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(name, value) for name, value in _MALLOPT.items())
