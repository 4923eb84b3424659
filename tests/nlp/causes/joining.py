"""Pieces of evidence whose customers are given by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from nlp.population import Population
from nlp.records import Cause, CauseKind, RootCause

Plant = Callable[..., Population]
WEEK, LATER = "2026-W20", "2026-W21"
THEME = "T-1"
ALL = 100


def piece(
    population: Population, name: str, kind: CauseKind, rows: Sequence[int], **more: object
) -> Cause:
    ids = population.evidence(THEME, rows)
    base: dict[str, object] = {
        "id": f"C-{name}",
        "theme_id": THEME,
        "kind": kind,
        "statement": f'Customers say: "{name}"' if kind == "said" else f"{name} ({kind})",
        "customers": len(rows),
        "statements": len(ids),
        "share_of_theme": len(rows) / ALL,
        "evidence_ids": ids,
    }
    return Cause(**(base | more))  # type: ignore[arg-type]


def groups(found: Sequence[RootCause]) -> list[set[str]]:
    return sorted(({name[2:] for name in one.evidence} for one in found), key=sorted)


def spread(inside: int, size: int, other: int) -> list[int]:
    """Rows of a piece of `size` of which `inside` lie in the first `other` rows."""
    return [*range(inside), *range(other, other + size - inside)]


def known_id(found: Sequence[RootCause], name: str) -> str:
    return next(one.id for one in found if f"C-{name}" in one.evidence)


PIECES = st.lists(
    st.tuples(
        st.sampled_from(["said", "where", "when"]),
        st.sets(st.integers(0, ALL - 1), min_size=3, max_size=50),
    ),
    max_size=9,
)


def moved(population: Population, name: str, rows: Sequence[int], like: Cause) -> Cause:
    """The same claim about theme T-2, into which T-1 was merged."""
    ids = population.evidence("T-2", rows)
    return replace(
        like, id=f"C-{name}", theme_id="T-2", evidence_ids=ids, customers=len(rows), statements=40
    )


HEIRS: list[tuple[CauseKind, dict[str, object], dict[str, object], bool]] = [
    ("where", {"conditions": (("os", "iOS"),)}, {}, True),
    ("where", {"conditions": (("os", "iOS"),)}, {"conditions": (("os", "Web"),)}, False),
    ("said", {}, {}, True),
    ("when", {"event": "release: 4.2"}, {"onset": dt.date(2026, 3, 1)}, True),
    ("when", {"onset": dt.date(2026, 2, 9)}, {"onset": dt.date(2026, 2, 15)}, True),
    ("when", {"onset": dt.date(2026, 2, 9)}, {"onset": dt.date(2026, 2, 16)}, False),
    ("when", {"centre": "plant/000001#0"}, {}, True),
    ("when", {"centre": "plant/000001#0"}, {"centre": "plant/000050#0"}, False),
]
