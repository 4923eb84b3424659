"""A full memory follows how customers speak of a theme, and keeps to what the theme was born as.

Words change: "the app" becomes "the new app". A memory that never changes loses its theme; one
that takes in whatever it accepted last can be pulled over to a neighbour, text by text. So only
part of a memory is exchanged, a few texts a week, and the centre is held near its founding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp.duplicates import CopyConfig
from nlp.exemplars import ExemplarConfig, choose_exemplars, grown, member_score
from nlp.neighbours import FloatArray
from nlp.records import Assignment, Feedback, Statement, Theme
from nlp.registry import Placement, Registry
from nlp.votes import ballot
from nlp.weeks import shift


@dataclass(frozen=True, slots=True)
class DriftConfig:
    """How far and how fast a theme's meaning may move."""

    # Share of a full memory, the oldest texts first, that is never exchanged: with half of it
    # fixed, no run of weeks can make the other half outvote it.
    anchored: float = 0.5
    # A text must be this theme's and no other's before it may teach: more than half of the softmax
    # over all leaves.
    least_confidence: float = 0.5
    # And it must stand as near as all but the loosest tenth of what the theme remembers, each of
    # these judged by the others. Slow drift stays within that. A neighbour 50 to 60 degrees off, a
    # hundred times as loud, of which 14 to 82% was taken at first, was swallowed whole within 18
    # weeks without this rule (also with a margin of .05 over the threshold); with it, the share
    # stayed as it was, while a theme that turned by 45 degrees in 20 weeks was still followed.
    typical: float = 0.1
    # A full memory is exchanged only while there is drift: texts of late, this many or more, that
    # fit it less well on average than the middle of it fits the rest. Exchanging every week cost
    # Banking77 (77 themes, 20 weeks of placing) .02 of its accuracy, .788 to .767; so, .785.
    least_members: int = 3
    # A theme that is mentioned once or twice a week never has three in one week, and was never
    # followed. Where there are fewer than so many, the last ones of the weeks before are heard too.
    least_witnesses: int = 12
    witness_weeks: int = 4
    # Least cosine between the centre of the anchors and that of the whole memory. Leaves share a
    # family from .55 on (57 degrees); cos 28 degrees is .88: halfway to a sibling is too far.
    least_founding: float = 0.9


def learned(
    registry: Registry,
    shas: Sequence[str],
    rows: FloatArray,
    placements: Mapping[str, Placement],
    described: frozenset[str],
    *,
    memory: ExemplarConfig,
    config: DriftConfig,
) -> list[Theme]:
    """Themes that take in some of the late texts: into free room, or in place of older ones.

    Args:
        registry: the living themes.
        shas: the texts of the week and those of late that have a leaf, sorted.
        rows: their unit vectors.
        placements: where each stands.
        described: the texts that people wrote as examples; they are never exchanged.
    """
    by_leaf: dict[str, list[int]] = {}
    for index, sha in enumerate(shas):
        leaf = placements[sha].leaf
        if leaf is not None:
            by_leaf.setdefault(leaf, []).append(index)
    changed: list[Theme] = []
    for theme in registry.leaves:
        new = [i for i in by_leaf.get(theme.id, []) if shas[i] not in theme.exemplars]
        if not new:
            continue
        current, members = registry.exemplars(theme), rows[new]
        near = member_score(members, current, config=memory)
        fit = own_scores(current, memory=memory)
        least = float(np.quantile(fit, config.typical))
        certain = {
            i: round(placements[shas[new[i]]].confidence, 6)
            for i in range(len(new))
            if near[i] >= least
        }
        anchors = anchors_of(
            len(theme.exemplars),
            described=[i for i, sha in enumerate(theme.exemplars) if sha in described],
            config=config,
            memory=memory,
        )
        kept = list(theme.exemplars)
        if len(kept) < memory.most:
            order = sorted(certain, key=lambda i: (-certain[i], shas[new[i]]))
            for i in grown(current, members, order, config=memory):
                larger = np.concatenate([current, members[i : i + 1]])
                if not moves_too_far(current, larger, anchors, config=config):
                    current = larger
                    kept.append(shas[new[i]])
        elif len(new) >= config.least_members and near.mean() < np.median(fit):
            pairs = exchanged(
                current,
                members,
                [i for i in sorted(certain) if certain[i] >= config.least_confidence],
                anchors=anchors,
                config=config,
                memory=memory,
            )
            gone = {kept[position] for position, _ in pairs}
            kept = [sha for sha in kept if sha not in gone]
            kept.extend(shas[new[i]] for _, i in pairs)
        if tuple(kept) != theme.exemplars:
            changed.append(replace(theme, exemplars=tuple(kept)))
    return changed


def witnesses(
    week: str,
    statements: Iterable[Statement],
    assigned: Mapping[str, Assignment],
    feedback: Mapping[str, Feedback],
    *,
    placements: Mapping[str, Placement],
    texts: Mapping[str, str],
    known: Collection[str],
    copies: CopyConfig,
    config: DriftConfig,
) -> tuple[list[str], dict[str, Placement]]:
    """The texts that may teach, sorted, one of several copies; and where texts stand.

    Args:
        week: the ISO week that is run.
        statements: all statements up to the week.
        assigned: statement id -> where it stood before.
        feedback: feedback key -> message.
        placements: where the week's texts stand.
        texts: the week's texts by digest.
        known: digests of the exemplars; what is a copy of one teaches nothing.
        copies: what copies are.
        config: how far back.
    """
    late = lately_placed(week, statements, assigned, feedback, placements, config=config)
    shas = sorted(late.keys() | placements.keys())
    said = {sha: text for sha, (text, _) in late.items()} | dict(texts)
    voters = ballot(said, config=copies).voters(shas, known=known)
    stand = {sha: found for sha, (_, found) in late.items()} | dict(placements)
    return [shas[at] for at in voters], stand


def lately_placed(
    week: str,
    statements: Iterable[Statement],
    assigned: Mapping[str, Assignment],
    feedback: Mapping[str, Feedback],
    placements: Mapping[str, Placement],
    *,
    config: DriftConfig,
) -> dict[str, tuple[str, Placement]]:
    """Text digest -> the text and its leaf, for what was said of quiet themes before `week`.

    The latest texts of the last `witness_weeks` weeks, as many as a leaf's own texts of the week
    (in `placements`) lack of `least_witnesses`: none for a theme that is much spoken of.
    """
    since = shift(week, 1 - config.witness_weeks)
    heard = Counter(found.leaf for found in placements.values())
    late: dict[str, dict[str, tuple[str, str, Assignment]]] = {}
    for item in statements:
        before = assigned.get(item.id)
        if before is None or before.theme_id is None or item.sha in placements:
            continue
        said = feedback[item.feedback_key].week
        if since <= said <= week and heard[before.theme_id] < config.least_witnesses:
            texts = late.setdefault(before.theme_id, {})
            if item.sha not in texts or texts[item.sha][0] < said:
                texts[item.sha] = (said, item.text, before)
    found: dict[str, tuple[str, Placement]] = {}
    for leaf, texts in late.items():
        newest = sorted(sorted(texts), key=lambda sha: texts[sha][0], reverse=True)
        for sha in newest[: config.least_witnesses - heard[leaf]]:
            _, text, before = texts[sha]
            place = Placement(leaf, before.parent_theme_id, "leaf", 1.0, before.confidence)
            found[sha] = (text, place)
    return found


def own_scores(current: FloatArray, *, memory: ExemplarConfig) -> FloatArray:
    """How well each exemplar of a memory, shape (m, d), belongs to the others, shape (m,)."""
    if len(current) < 2:
        return np.zeros(len(current), dtype=np.float32)
    scores = [
        member_score(current[i : i + 1], np.delete(current, i, axis=0), config=memory)
        for i in range(len(current))
    ]
    return np.concatenate(scores)


def anchors_of(
    count: int, *, described: Collection[int] = (), config: DriftConfig, memory: ExemplarConfig
) -> frozenset[int]:
    """Positions of the exemplars that stay for good: the oldest, and those that people described.

    Args:
        count: how many exemplars the theme has.
        described: positions of examples that people wrote.
    """
    return frozenset(range(min(count, round(memory.most * config.anchored)))) | frozenset(described)


def exchanged(
    current: FloatArray,
    members: FloatArray,
    clear: Sequence[int],
    *,
    anchors: Collection[int],
    config: DriftConfig,
    memory: ExemplarConfig,
) -> tuple[tuple[int, int], ...]:
    """Which exemplars give way to which of the late texts: (position, row of `members`) pairs.

    At most `memory.grow`. Those give way that are heard least of late: nearest to fewer of these
    texts than their equal share; among those the oldest first. Those come in that cover the clear
    texts best, copies of what is remembered left out.

    Args:
        current: the theme's exemplars, the oldest first, shape (m, d).
        members: texts the theme accepted of late, shape (c, d), in canonical order.
        clear: rows of `members` that may teach.
        anchors: positions that stay.
    """
    if not len(members) or not clear or len(anchors) >= len(current):
        return ()
    heard = np.bincount(np.argmax(members @ current.T, axis=1), minlength=len(current))
    share = len(members) / len(current)
    weak = sorted(
        (i for i in range(len(current)) if i not in anchors and heard[i] < share),
        key=lambda i: (int(heard[i]), i),
    )
    rows = np.array(clear, dtype=np.int64)
    typical = rows[choose_exemplars(members[rows], config=memory)].tolist()
    changed = current.copy()
    pairs: list[tuple[int, int]] = []
    for row in typical:
        if len(pairs) >= min(memory.grow, len(weak)):
            break
        if float(np.max(changed @ members[row])) >= memory.too_alike:
            continue
        position = weak[len(pairs)]
        trial = changed.copy()
        trial[position] = members[row]
        if moves_too_far(changed, trial, anchors, config=config):
            continue
        changed = trial
        pairs.append((position, int(row)))
    return tuple(pairs)


def moves_too_far(
    before: FloatArray, after: FloatArray, anchors: Collection[int], *, config: DriftConfig
) -> bool:
    """Whether a memory's centre leaves its founding; one that is too far may still move back."""
    founding = _centre(before[sorted(anchors)])
    now = float(_centre(after) @ founding)
    return now < config.least_founding and now < float(_centre(before) @ founding)


def _centre(rows: FloatArray) -> FloatArray:
    mean = rows.mean(axis=0)
    unit: FloatArray = (mean / np.linalg.norm(mean)).astype(np.float32)
    return unit
