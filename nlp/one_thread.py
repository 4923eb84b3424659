"""Linear algebra on one thread: with two, sums are split differently and other bits come out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
R = TypeVar("R")


def one_thread(stage: Callable[P, R]) -> Callable[P, R]:
    """Run a stage with one BLAS thread, whatever the environment says.

    Two threads gave 70 of 1,500 statements another theme; here they also gain no time.
    """

    @wraps(stage)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(limits=1, user_api="blas"):
            return stage(*args, **kwargs)

    return limited
