"""Where corrections send statements: moves and their like, then ends of themes, then links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.corrections import End, Plan
from nlp.exemplars import ExemplarConfig, member_score
from nlp.found_view import reason_of
from nlp.neighbours import FloatArray
from nlp.records import Assignment, Statement
from nlp.registry import Registry, place
from nlp.teaching import TeachingConfig, followers

Vectors = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True, slots=True)
class Destination:
    """The leaf a text belongs to by decision (None: to none) and why: "moved", "merged", ..."""

    leaf: str | None
    reason: str


@dataclass
class Texts:
    """Where the engine has each text that takes part in themes, copies taken together."""

    found: dict[str, Assignment] = field(default_factory=dict)
    by_leaf: dict[str | None, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, statements: Iterable[Statement], placed: Mapping[str, Assignment]) -> Texts:
        """Texts of `statements`, which are sorted by id."""
        texts = cls()
        for item in statements:
            row = placed.get(item.id)
            if item.noise is not None or row is None:
                continue
            known = texts.found.get(item.sha)
            if known is None or (known.theme_id is None and row.theme_id is not None):
                texts.found[item.sha] = row
        for sha in sorted(texts.found):
            texts.by_leaf.setdefault(texts.found[sha].theme_id, []).append(sha)
        return texts


def destinations(
    plan: Plan,
    texts: Texts,
    registry: Registry,
    *,
    stood: Mapping[str, Assignment],
    vectors: Vectors,
    memory: ExemplarConfig,
    teaching: TeachingConfig,
) -> dict[str, Destination]:
    """Text digest -> where it belongs, for the texts that a correction speaks about.

    A moved text stands where it was moved, and its like follow. What then stands in a theme that
    was ended goes to the one it was merged into, to the part it scores best in, out of the themes
    (dismissed), or to the next best theme that accepts it (removed) and stays while
    that lives.

    Texts that must stand in one theme go to that of the one most surely placed: moved by a person,
    else of the greatest confidence, else first by digest. Of two that may not stand in one theme
    the less surely placed leaves, with those that must go with it, for the next best theme that
    accepts it and holds none it may not stand with; else it stands in none.

    Args:
        registry: all themes that may receive statements, and the vectors of all exemplars.
        stood: text digest -> where it stood the week before.
    """
    sent = {
        sha: Destination(leaf, "moved")
        for sha, (leaf, _why) in plan.moves.items()
        if sha in texts.found
    }
    like = _like_moved(plan, texts, registry, vectors=vectors, memory=memory, teaching=teaching)
    sent.update({sha: Destination(leaf, "like a moved one") for sha, leaf in like.items()})
    alive = _without(registry, [one.id for one in registry.leaves if one.retired_week])
    for name, end in plan.ends.items():
        inside = [sha for sha in texts.by_leaf.get(name, []) if sha not in sent]
        inside += [sha for sha, found in sent.items() if found.leaf == name]
        inside.sort()
        given = {
            sha: end.ended if end.ended == "dismissed" or sha not in sent else sent[sha].reason
            for sha in inside
        }
        if end.ended == "removed":
            living = {one.id for one in alive.leaves} - {name}
            for sha in inside:
                row = stood.get(sha)
                if row is not None and row.theme_id in living and reason_of(row) == given[sha]:
                    sent[sha] = Destination(row.theme_id, given[sha])
            inside = [sha for sha in inside if sha not in sent or sent[sha].leaf == name]
        leaves = _successors(end, inside, alive, vectors=vectors, memory=memory)
        for sha, leaf in zip(inside, leaves, strict=True):
            sent[sha] = Destination(leaf, given[sha])
    _link(plan, texts, sent, alive, vectors=vectors, memory=memory)
    return sent


def _like_moved(
    plan: Plan,
    texts: Texts,
    registry: Registry,
    *,
    vectors: Vectors,
    memory: ExemplarConfig,
    teaching: TeachingConfig,
) -> dict[str, str]:
    moved: dict[tuple[str | None, str], list[str]] = {}
    for sha in sorted(plan.moves):
        source = texts.found.get(sha)
        target = plan.moves[sha][0]
        if source is not None and source.theme_id != target:
            moved.setdefault((source.theme_id, target), []).append(sha)
    themes = {theme.id: theme for theme in registry.leaves}
    best: dict[str, tuple[float, str]] = {}
    for (source_id, target), shas in sorted(moved.items(), key=lambda one: (one[0][0] or "", one)):
        others = [sha for sha in texts.by_leaf[source_id] if sha not in plan.moves]
        stay = themes.get(source_id or "")
        kept = [sha for sha in stay.exemplars if sha not in plan.moves] if stay else []
        if not others:
            continue
        limit = themes[target].threshold if target in themes else memory.most_threshold
        leads = followers(
            vectors(others),
            vectors(shas),
            np.stack([registry.vectors[sha] for sha in kept]) if kept else None,
            limit=limit,
            memory=memory,
            config=teaching,
        )
        for sha, lead in zip(others, leads.tolist(), strict=True):
            if lead > 0 and (sha not in best or (-lead, target) < (-best[sha][0], best[sha][1])):
                best[sha] = (lead, target)
    return {sha: target for sha, (_, target) in best.items()}


def _successors(
    end: End,
    shas: Sequence[str],
    alive: Registry,
    *,
    vectors: Vectors,
    memory: ExemplarConfig,
) -> list[str | None]:
    """The leaf that takes each text of a theme that was ended."""
    if not shas or end.ended == "dismissed":
        return [None] * len(shas)
    if end.ended == "merged":
        return [end.successors[0]] * len(shas)
    rows = vectors(shas)
    if end.ended == "removed":
        return [found.leaf for found in place(alive, rows, config=memory)]
    scores = np.stack(
        [
            member_score(
                rows,
                np.stack([alive.vectors[sha] for sha in part.texts if sha in alive.vectors]),
                config=memory,
            )
            for part in end.parts
        ]
    ).round(6)
    shown = {sha: index for index, part in enumerate(end.parts) for sha in part.texts}
    best = scores.argmax(axis=0).tolist()
    return [end.successors[shown.get(sha, index)] for sha, index in zip(shas, best, strict=True)]


def _link(
    plan: Plan,
    texts: Texts,
    sent: dict[str, Destination],
    alive: Registry,
    *,
    vectors: Vectors,
    memory: ExemplarConfig,
) -> None:
    def leaf_of(sha: str) -> str | None:
        return sent[sha].leaf if sha in sent else texts.found[sha].theme_id

    def surest(sha: str) -> tuple[bool, bool, float, str]:
        return (
            leaf_of(sha) is None,
            sha not in plan.moves,
            -texts.found[sha].confidence,
            sha,
        )

    def group_of(sha: str) -> list[str]:
        return [mate for mate in plan.groups.get(sha, (sha,)) if mate in texts.found]

    for group in sorted(set(plan.groups.values())):
        mates = sorted((sha for sha in group if sha in texts.found), key=surest)
        leaf = leaf_of(mates[0]) if mates else None
        for sha in mates[1:]:
            if leaf is not None and leaf_of(sha) != leaf:
                sent[sha] = Destination(leaf, "linked")
    for pair in plan.apart:
        if any(sha not in texts.found for sha in pair) or leaf_of(pair[0]) is None:
            continue
        if leaf_of(pair[0]) != leaf_of(pair[1]):
            continue
        leaving = group_of(max(pair, key=lambda sha: min(map(surest, group_of(sha)))))
        foes = {
            leaf_of(other)
            for one, two in plan.apart
            for sha, other in ((one, two), (two, one))
            if sha in leaving and other in texts.found
        }
        others = _without(alive, {leaf for leaf in foes if leaf is not None})
        (found,) = place(others, vectors([min(leaving, key=surest)]), config=memory)
        sent.update(dict.fromkeys(leaving, Destination(found.leaf, "linked")))


def _without(registry: Registry, gone: Iterable[str]) -> Registry:
    names = set(gone)
    left = tuple(theme for theme in registry.leaves if theme.id not in names)
    return Registry(left, registry.parents, registry.vectors)
