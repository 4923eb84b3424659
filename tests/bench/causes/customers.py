"""Invented customers: who writes how often, and eight attributes of each, some missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.population import MISSING

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# Shares as products have them: a large value or two, and a tail.
_NAMED: dict[str, dict[str, float]] = {
    "plan": {"free": 0.45, "pro": 0.3, "team": 0.15, "enterprise": 0.1},
    "region": {"EU": 0.4, "US": 0.3, "APAC": 0.2, "LATAM": 0.1},
    "device": {"phone": 0.5, "computer": 0.38, "tablet": 0.12},
    "version": {"4.2": 0.42, "4.1": 0.3, "4.0": 0.18, "3.9": 0.1},
    "channel": {"app": 0.4, "web": 0.33, "email": 0.17, "phone": 0.1},
}
# What runs on which device: attributes are not independent in any real data.
_OS: dict[str, dict[str, float]] = {
    "phone": {"Android": 0.55, "iOS": 0.45},
    "tablet": {"iOS": 0.7, "Android": 0.3},
    "computer": {"Windows": 0.65, "macOS": 0.25, "Linux": 0.1},
}
_MISSING = {"plan": 0.04, "region": 0.03, "device": 0.06, "version": 0.15, "channel": 0.02}
_MISSING_REST = {"os": 0.08, "seats": 0.12, "signup": 0.18}
_SIGNUP_MONTHS = 9


@dataclass(frozen=True, slots=True, eq=False)
class Customers:
    """`values`: attribute -> value of each customer, `MISSING` where unknown; `writes`: weights."""

    names: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    writes: FloatArray

    def mask(self, condition: Condition) -> BoolArray:
        """Which customers meet a condition, shape (customers,)."""
        return np.array([condition.holds(value) for value in self.values[condition.name]])


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """One attribute's part of a segment: a value, a month ("2025-07"), or numbers in a range."""

    name: str
    value: str = ""
    low: float = float("-inf")
    high: float = float("inf")

    @property
    def ranged(self) -> bool:
        """Whether the analysis may cut it at other places."""
        return self.name in {"seats", "signup"} and self.value != MISSING

    def holds(self, value: str) -> bool:
        """Whether a value meets it."""
        if not self.ranged or value == MISSING:
            return value == self.value
        if self.name == "signup":
            return value.startswith(self.value)
        return self.low <= float(value) <= self.high


def make_customers(count: int, *, first_day: dt.date, seed: int) -> Customers:
    """Customers with attributes; most write once, some often.

    Args:
        first_day: of the stream; customers signed up in the months before.
    """
    rng = np.random.default_rng([seed, 1])
    values = {name: _draw(rng, shares, count) for name, shares in _NAMED.items()}
    values["os"] = [_draw(rng, _OS[device], 1)[0] for device in values["device"]]
    values["seats"] = [str(round(float(n))) for n in 1 + rng.lognormal(2.2, 1.1, count)]
    ago = rng.integers(1, 30 * _SIGNUP_MONTHS, count)
    values["signup"] = [(first_day - dt.timedelta(days=int(n))).isoformat() for n in ago]
    for name, share in {**_MISSING, **_MISSING_REST}.items():
        gone = rng.random(count) < share
        values[name] = [
            MISSING if no else value for value, no in zip(values[name], gone, strict=True)
        ]
    return Customers(
        names=tuple(f"c{at:06d}" for at in range(count)),
        values={name: tuple(of) for name, of in sorted(values.items())},
        writes=rng.lognormal(0.0, 0.8, count),
    )


def _draw(rng: np.random.Generator, shares: Mapping[str, float], count: int) -> list[str]:
    names = list(shares)
    at = rng.choice(len(names), size=count, p=np.array(list(shares.values())))
    return [names[int(one)] for one in at]
