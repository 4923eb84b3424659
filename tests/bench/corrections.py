"""Corrections are law: decisions hold in later weeks, after a re-run, after a rebuild."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from nlp.corrections import Correction, Corrections, Part
from nlp.rebuild import Proposal, decided_by
from nlp.records import text_sha
from tests.bench.engine import Subject, Week, rebuild, weekly
from tests.bench.exchange import exchange
from tests.bench.replay import deal
from tests.bench.rivals import kmeans
from tests.bench.row import Figure, Row, say

_WEEKS = 4
_DECIDED = 1  # the week (from 0) after which people decide
_LEAST_LEAVES = 11


def measure(subjects: Sequence[Subject]) -> Row:
    """Share of decisions that hold, pooled over corpora, in each situation.

    One of each kind after the second of four weeks: rename, pin, merge, split, move (three texts),
    dismiss, must-link, cannot-link. Situations: two more weeks; all four weeks run anew with the
    decisions known; all that a rebuild then proposes accepted, and the week run again; taken in by
    one store, exported, imported by another, and the later weeks run with what that one has.
    """
    holding: Counter[str] = Counter()
    total: Counter[str] = Counter()
    details: dict[str, Any] = {}
    for subject in subjects:
        if subject.corpus.kind != "intents":
            continue
        found = _situations(subject)
        if found is None:
            details[subject.corpus.name] = f"fewer than {_LEAST_LEAVES} themes after two weeks"
            continue
        details[subject.corpus.name] = found
        for name, broken in found["broken"].items():
            total[name] += found["decisions"]
            holding[name] += found["decisions"] - len(broken)
        say(f"{subject.corpus.name}: corrections")
    everything = sum(total.values())
    return Row(
        "corrections",
        (
            Figure("replayed", sum(holding.values()) / everything if everything else None, 1.0),
            *(Figure(name, holding[name] / total[name], 1.0) for name in total),
        ),
        details,
        "" if everything else f"no corpus has {_LEAST_LEAVES} themes after two weeks",
    )


def decide(week: Week, subject: Subject) -> list[Correction] | None:
    """One decision of each kind about the largest themes; None where there are too few."""
    shas = [text_sha(text) for text in subject.corpus.texts]
    members: dict[str, list[int]] = {}
    for row, leaf in sorted(week.leaf.items(), key=lambda item: shas[item[0]]):
        if leaf is not None:
            members.setdefault(leaf, []).append(row)
    ranked = sorted(members, key=lambda name: (-len(members[name]), name))
    if len(ranked) < _LEAST_LEAVES:
        return None
    names = iter(ranked)
    split = next(names)
    halves = kmeans(subject.vectors[members[split]], clusters=2, seed=0)
    parts = tuple(
        Part(
            tuple(
                shas[row] for row, half in zip(members[split], halves, strict=True) if half == side
            ),
            f"Part {side}",
        )
        for side in ("0", "1")
    )
    apart = next(names)
    source, target = next(names), next(names)
    moved = [shas[row] for row in members[source][:3]]
    one, other = next(names), next(names)
    return [
        Correction("split", split, parts=parts),
        Correction("cannot-link", texts=(shas[members[apart][0]], shas[members[apart][-1]])),
        *(Correction("move", target, texts=(sha,)) for sha in moved),
        Correction("must-link", texts=(shas[members[one][0]], shas[members[other][0]])),
        Correction("rename", next(names), label="As a person calls it"),
        Correction("pin", next(names)),
        Correction("merge", next(names), into=next(names)),
        Correction("dismiss", next(names)),
    ]


def broken(decisions: Sequence[Correction], first: Week, week: Week) -> list[str]:
    """The decisions that do not hold after a week.

    Args:
        decisions: those of `decide`.
        first: the state they were made in.
        week: the state to judge.
    """
    return [f"{one.kind} {one.theme_id}" for one in decisions if not _holds(one, first, week)]


def _holds(one: Correction, first: Week, week: Week) -> bool:
    theme = next((found for found in week.themes if found.id == one.theme_id), None)
    leaf_of = _leaf_of(week)
    places = [leaf_of.get(sha) for sha in one.texts]
    if one.kind == "must-link":
        return places[0] is not None and places[0] == places[1]
    if one.kind == "cannot-link":
        return places[0] is None or places[0] != places[1]
    if theme is None:
        return False
    inside = [sha for sha, leaf in _leaf_of(first).items() if leaf == one.theme_id]
    now = {leaf_of[sha] for sha in inside}
    return {
        "rename": theme.label == one.label,
        "pin": theme.pinned and not theme.ended,
        "move": set(places) <= heirs(week, one.theme_id),
        "merge": theme.ended == "merged" and now <= heirs(week, one.into),
        "dismiss": theme.ended == "dismissed" and now == {None},
        "split": theme.ended == "split"
        and all(
            {leaf_of[sha] for sha in part.texts} <= heirs(week, child)
            for part, child in zip(one.parts, one.children, strict=False)
        ),
    }[one.kind]


def _leaf_of(week: Week) -> dict[str, str | None]:
    return {
        item.sha: week.assigned[item.id].theme_id
        for item in week.statements
        if item.id in week.assigned
    }


def heirs(week: Week, theme_id: str) -> set[str | None]:
    """A theme and all that took its statements since."""
    successors = {theme.id: theme.successors for theme in week.themes}
    found: set[str | None] = set()
    waiting = [theme_id]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(successors.get(name, ()))
    return found


def accepted(proposal: Proposal) -> Correction:
    """The correction that a proposal becomes when a person accepts it."""
    return Correction(
        proposal.kind,
        proposal.theme_id,
        why=proposal.reason,
        into=proposal.into,
        texts=proposal.parts[0] if proposal.kind == "birth" else (),
        parts=tuple(Part(texts) for texts in proposal.parts) if proposal.kind == "split" else (),
    )


def _situations(subject: Subject) -> dict[str, Any] | None:
    texts = subject.corpus.texts
    arrivals = deal(len(texts), _WEEKS, seed=5)

    def run(
        weeks: Sequence[Sequence[int]], before: Week | None, made: Sequence[Correction]
    ) -> Week:
        *_, last = weekly(
            texts,
            weeks,
            vectors_in=lambda _: subject.vectors,
            encode=subject.encode,
            before=before,
            corrections=Corrections(tuple(made)),
        )
        return last

    first = run(arrivals[: _DECIDED + 1], None, ())
    decisions = decide(first, subject)
    if decisions is None:
        return None
    later = run(arrivals[_DECIDED + 1 :], first, decisions)
    again = run(arrivals, None, decisions)
    law = decided_by(decisions, _leaf_of(later))
    proposals = rebuild(later, texts, subject.vectors, decided=law)
    rebuilt = run([[]], later, [*decisions, *map(accepted, proposals)])
    exchanged = run(arrivals[_DECIDED + 1 :], first, exchange(first, decisions).made)
    return {
        "decisions": len(decisions),
        "proposals": len(proposals),
        "broken": {
            "in later weeks": broken(decisions, first, later),
            "after a re-run": broken(decisions, first, again),
            "after a rebuild, all accepted": broken(decisions, first, rebuilt),
            "after export and import": broken(decisions, first, exchanged),
        },
        "the re-run gives the same": np.mean(
            [later.leaf[row] == again.leaf[row] for row in later.leaf]
        ).item(),
    }
