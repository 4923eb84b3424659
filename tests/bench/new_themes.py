"""Intents that nobody has spoken of until week 6: are they found, and is nothing else born?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlp.weeks import shift
from tests.bench.engine import Subject, Week, weekly
from tests.bench.replay import WEEKS, deal
from tests.bench.row import Figure, Row, say

_FIRST = 5  # the sixth week, from 0
_HELD = 5
_A_WEEK = 30
_DRAWS = 3


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows of each week, and the intents that were held out of the first five."""

    arrivals: tuple[tuple[int, ...], ...]
    held: tuple[str, ...]


def measure(subjects: Sequence[Subject]) -> Row:
    """Five held-out intents arrive from week 6 at 30 mentions a week, three draws a corpus.

    Found: by the end of the week after the first mentions, a theme born since holds at least half
    of the intent's mentions so far, and most of its statements are of this intent. A birth from
    week 6 on is false when, at the end of the week after it, most of its statements are not of one
    held-out intent; births of old intents that had no theme yet are false, too, and listed apart
    ("late"). The first themes of all are no births: they wait until there is enough to tell them
    apart, which a small corpus may reach only after week 6. Pooled over all draws and corpora with
    intents enough.
    """
    details: dict[str, list[dict[str, Any]]] = {}
    for subject in subjects:
        if subject.corpus.kind != "intents" or not subject.corpus.single:
            continue
        for draw in range(_DRAWS):
            stream = plan(subject.corpus.rows_of(), draw=draw)
            if stream is None:
                break
            details.setdefault(subject.corpus.name, []).append(_run(subject, stream))
            say(f"{subject.corpus.name}: held-out draw {draw + 1}")
    every = [one for runs in details.values() for one in runs]
    held = sum(len(one["held"]) for one in every)
    births = sum(one["births"] for one in every)
    found = sum(len(one["found"]) for one in every)
    false = sum(one["false"] for one in every)
    late = sum(one["late"] for one in every)
    return Row(
        "new themes",
        (
            Figure("found within a week", found / held if held else None, 0.80, 0.95),
            Figure(
                "false births",
                (false / births if births else 0.0) if held else None,
                0.10,
                0.03,
                at_most=True,
            ),
            Figure("of all births: late, not false", late / births if births else None),
            Figure("births for each intent found", births / found if found else None),
        ),
        details,
        "" if held else f"no corpus has {_HELD} intents of {2 * _A_WEEK} texts beside as many more",
    )


def plan(rows_of: Mapping[str, Sequence[int]], *, draw: int) -> Stream | None:
    """Which rows come when; None where too few intents are large enough."""
    generator = np.random.default_rng(100 + draw)
    large = sorted(name for name, rows in rows_of.items() if len(rows) >= 2 * _A_WEEK)
    if len(large) < _HELD or len(rows_of) < 2 * _HELD:
        return None
    held = sorted(large[at] for at in generator.permutation(len(large))[:_HELD])
    old = sorted(row for name, rows in rows_of.items() if name not in held for row in rows)
    arrivals = [[old[at] for at in part] for part in deal(len(old), WEEKS, seed=200 + draw)]
    for name in held:
        rows = [rows_of[name][at] for at in generator.permutation(len(rows_of[name]))]
        for week in range(_FIRST, WEEKS):
            start = (week - _FIRST) * _A_WEEK
            arrivals[week] += rows[start : start + _A_WEEK]
    return Stream(tuple(tuple(sorted(part)) for part in arrivals), tuple(held))


def _run(subject: Subject, stream: Stream) -> dict[str, Any]:
    label_of = [min(own) for own in subject.corpus.labels]
    found: set[str] = set()
    verdicts: Counter[str] = Counter()
    false: list[str] = []
    pending: list[str] = []
    founded = False
    owned: set[str] = set()  # intents that have a theme, whose majority they are
    for week in weekly(
        subject.corpus.texts,
        stream.arrivals,
        vectors_in=lambda _: subject.vectors,
        encode=subject.encode,
    ):
        members = contents(week, label_of)
        if week.number in (_FIRST, _FIRST + 1):
            found |= {name for name in stream.held if _is_found(name, week, members, label_of)}
        for theme_id in pending:
            verdict = judge(members.get(theme_id, Counter()), stream.held, owned)
            verdicts[verdict] += 1
            if verdict != "new":
                label = next(one.label for one in week.themes if one.id == theme_id)
                false.append(f"{label}: {dict(members.get(theme_id, {}))}")
        born = [one.id for one in week.leaves if one.born_week == week.name and not one.seeded_by]
        pending = born if week.number >= _FIRST and founded else []
        founded = founded or bool(born)
        owned |= {
            counts.most_common(1)[0][0]
            for theme_id, counts in members.items()
            if theme_id not in pending
        }
    for theme_id in pending:  # born in the last week
        verdicts[judge(members.get(theme_id, Counter()), stream.held, owned)] += 1
    return {
        "held": list(stream.held),
        "found": sorted(found),
        "births": sum(verdicts.values()),
        "false": verdicts["false"] + verdicts["late"],
        "late": verdicts["late"],
        "not of a held-out intent": false,
    }


def contents(week: Week, label_of: Sequence[str]) -> dict[str, Counter[str]]:
    """Leaf -> how many of its statements carry each label."""
    members: dict[str, Counter[str]] = {}
    for row, leaf in sorted(week.leaf.items()):
        if leaf is not None:
            members.setdefault(leaf, Counter())[label_of[row]] += 1
    return members


def judge(counts: Counter[str], held: Sequence[str], owned: set[str]) -> str:
    """What a birth was: "new", "late" (of an old intent that had no theme), or "false"."""
    total = sum(counts.values())
    if total:
        label, most = counts.most_common(1)[0]
        if most * 2 > total:
            if label in held:
                return "new"
            if label not in owned:
                return "late"
    return "false"


def _is_found(
    name: str,
    week: Week,
    members: Mapping[str, Counter[str]],
    label_of: Sequence[str],
) -> bool:
    said = sum(label_of[row] == name for row in week.leaf)
    return any(
        counts[name] * 2 > sum(counts.values()) and counts[name] * 2 >= said
        for theme_id, counts in members.items()
        if any(one.id == theme_id and _since(one.born_week, week) for one in week.leaves)
    )


def _since(born_week: str, week: Week) -> bool:
    return born_week >= shift(week.name, _FIRST - week.number)
