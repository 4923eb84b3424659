from __future__ import annotations

import gc
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.to_thread import current_default_thread_limiter
from fastapi.testclient import TestClient

from api.tuning import THREADS, give_back_memory, tuned


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def usual_garbage() -> Iterator[None]:
    """What Python starts with, whatever app runs in this process."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


@pytest.mark.anyio
@pytest.mark.usefixtures("usual_garbage")
async def test_threads_and_garbage_are_as_before_when_the_app_ends() -> None:
    before = (current_default_thread_limiter().total_tokens, gc.get_threshold())
    with tuned():
        assert current_default_thread_limiter().total_tokens == THREADS
        assert gc.get_threshold()[0] > 700
    assert (current_default_thread_limiter().total_tokens, gc.get_threshold()) == before


def test_a_running_app_is_tuned(client: TestClient) -> None:
    assert client.portal is not None
    assert client.portal.call(_tokens) == THREADS


async def _tokens() -> float:
    return current_default_thread_limiter().total_tokens


def test_memory_can_be_given_back_where_the_c_library_is_glibc() -> None:
    glibc = platform.libc_ver()[0] == "glibc" and Path("/proc").is_dir()
    assert give_back_memory() == glibc
