"""New themes from what no theme takes: proposed by a partition, born only when they pass tests.

The residue is partitioned together with the exemplars of the themes that exist, so that texts
which only stand at the edge of an old theme join it and are not proposed as new. The first run is
the same with an empty register.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nlp.exemplars import ExemplarConfig
from nlp.neighbours import FloatArray, IntArray, nearest
from nlp.novelty import gain, rejoined
from nlp.partition import PartitionConfig, evenly, partition


@dataclass(frozen=True, slots=True)
class BirthConfig:
    """What a group must show before it becomes a theme."""

    # Distinct texts before the first themes are looked for. 20 intents in 80 texts cannot be told
    # apart (ARI .1, and what is born swallows the rest); in 320 they begin to be (.35).
    least_corpus: int = 300
    # Themes founded on little are mixed, and stay so: founded at 300, 450, 600 or 800 texts,
    # streams of twelve weeks ended with ACC .39 .47 .56 .61 (40 intents), .43 .58 .65 .68 (30),
    # .34 .36 .46 .50 (samples). So the first themes wait for `ready_corpus`, but not where nothing
    # more is to be expected soon: half of all texts came in this one week (`backlog`), or they came
    # slowly and `patience` weeks have been heard.
    ready_corpus: int = 800
    backlog: float = 0.5
    patience: int = 8
    least_texts: int = 5  # distinct texts: fewer cannot be told from coincidence
    least_mentions: int = 6
    least_customers: int = 5  # one loud customer, or one account, is not a theme
    least_weeks: int = 2  # or `burst` mentions in a single week
    burst: int = 10
    beside: int = 10  # exemplars that stand for each old theme when the residue is partitioned
    least_share_new: float = 0.35  # of the group's texts: else it belongs to the themes beside it
    least_gain: float = 0.09  # see nlp.novelty.gain; the founding have nothing to be compared with
    # Share of the members' three nearest texts that lie in the group, beyond chance (as Cohen's
    # kappa): 0 is a random handful. Most labelled intents reach .5 or more.
    least_cohesion: float = 0.4
    closest: int = 3  # texts
    least_stability: float = 0.5  # mean best Jaccard overlap with the samples' clusters
    # Where there are no themes yet there is nothing that a loose group could belong to instead, and
    # its looser texts stay out: what is left of it is a theme.
    founding_cohesion: float = 0.15
    founding_stability: float = 0.25
    cut: PartitionConfig = field(default_factory=PartitionConfig)
    later_samples: int = 5  # of the cut once there are themes: a week must not cost what all did


@dataclass(frozen=True, slots=True)
class ResidueText:
    """One distinct text that no theme takes, with who said it and when."""

    sha: str
    mentions: int
    customers: frozenset[str]
    weeks: frozenset[str]
    by_week: tuple[tuple[str, int], ...]  # (week, mentions)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A group of residue rows and what became of it; `reason` is empty for a birth."""

    rows: IntArray
    cohesion: float
    stability: float
    reason: str


def discover(
    residue: Sequence[ResidueText],
    vectors: FloatArray,
    exemplars: FloatArray,
    *,
    week: str | None = None,
    claims: FloatArray | None = None,
    founding: bool = False,
    config: BirthConfig | None = None,
    memory: ExemplarConfig | None = None,
) -> tuple[Proposal, ...]:
    """Groups of the residue, each born (no reason) or refused with its reason.

    Args:
        residue: distinct texts sorted by digest, n of them.
        vectors: their unit rows, shape (n, d).
        exemplars: unit rows of the living themes, shape (m, d); m may be 0.
        week: once there are themes, only what is said in this week is news and can be born in it.
        claims: best score of each residue text with a living theme, shape (n,); none by default.
        founding: these would be the first themes found; then the laxer founding bars hold, and
            whatever the week, all is news.
    """
    config, memory = config or BirthConfig(), memory or ExemplarConfig()
    count = len(residue)
    if count < config.least_texts:
        return ()
    if founding and not _ready(residue, week, config=config):
        return ()
    together = np.concatenate([vectors, exemplars]) if len(exemplars) else vectors
    samples = config.cut.samples if founding else min(config.cut.samples, config.later_samples)
    cut = partition(together, config=replace(config.cut, samples=samples))
    groups = [np.flatnonzero(cut.labels == label) for label in range(cut.count)]
    stabilities = list(cut.stability)
    if not founding:
        groups, stabilities = _whole(together, groups, stabilities, config=config)
    cohesions = _cohesions(together, groups, config=config)
    one_week = len({week for text in residue for week in text.weeks}) == 1
    proposals: list[Proposal] = []
    for group, stability, cohesion in zip(groups, stabilities, cohesions, strict=True):
        rows = group[group < count]
        if not len(rows):
            continue
        texts = [residue[row] for row in rows]
        better = 1.0
        if claims is not None and not founding and len(rows) > 1:
            better = gain(vectors[rows], claims[rows], config=memory)
        reason = _refusal(
            texts,
            share=len(rows) / len(group),
            cohesion=cohesion,
            stability=stability,
            better=better,
            one_week=one_week,
            week=None if founding else week,
            founding=founding,
            config=config,
        )
        proposals.append(Proposal(rows, cohesion, stability, reason))
    return tuple(proposals)


def _ready(residue: Sequence[ResidueText], week: str | None, *, config: BirthConfig) -> bool:
    """Whether the first themes need not wait for more texts."""
    if len(residue) < config.least_corpus:
        return False
    if week is None or len(residue) >= config.ready_corpus:
        return True
    new = sum(min(text.weeks) == week for text in residue)
    heard = {name for text in residue for name in text.weeks}
    return new >= config.backlog * len(residue) or len(heard) >= config.patience


def _refusal(  # noqa: PLR0911 - one test, one reason, in the order a reader would ask
    texts: Sequence[ResidueText],
    *,
    share: float,
    cohesion: float,
    stability: float,
    better: float,
    one_week: bool,
    week: str | None,
    founding: bool,
    config: BirthConfig,
) -> str:
    mentions = sum(text.mentions for text in texts)
    customers = frozenset().union(*(text.customers for text in texts))
    weeks = frozenset().union(*(text.weeks for text in texts))
    by_week: Counter[str] = Counter()
    for text in texts:
        by_week.update(dict(text.by_week))
    if share < config.least_share_new:
        return f"belongs to themes beside it: {share:.0%} of the group is new"
    if len(texts) < config.least_texts or mentions < config.least_mentions:
        return f"too small: {len(texts)} texts, {mentions} mentions"
    if len(customers) < config.least_customers:
        return f"too few customers: {len(customers)}"
    if week is not None and week not in weeks:
        return f"not heard in {week}"
    if len(weeks) < config.least_weeks and not one_week and max(by_week.values()) < config.burst:
        return f"seen in one week only, {mentions} mentions"
    if better < config.least_gain:
        return f"no better off by itself: {better:+.0%} against the themes there are"
    if cohesion < (config.founding_cohesion if founding else config.least_cohesion):
        return f"too loose: cohesion {cohesion:.2f}"
    if stability < (config.founding_stability if founding else config.least_stability):
        return f"not stable: {stability:.2f} on subsamples"
    return ""


def _whole(
    together: FloatArray,
    groups: Sequence[IntArray],
    stabilities: Sequence[float],
    *,
    config: BirthConfig,
) -> tuple[list[IntArray], list[float]]:
    """Groups that are one thing as one, with the mean stability of their texts."""
    joined: list[IntArray] = []
    mean: list[float] = []
    for part in rejoined(together, groups, tightness=config.cut.granularity.tightness):
        sizes = [len(groups[at]) for at in part]
        joined.append(np.sort(np.concatenate([groups[at] for at in part])))
        mean.append(float(np.average([stabilities[at] for at in part], weights=sizes)))
    return joined, mean


def _cohesions(
    together: FloatArray, groups: Sequence[IntArray], *, config: BirthConfig
) -> list[float]:
    """Of each group; beyond `most_rows` on rows evenly spread, as the partition itself."""
    home = np.zeros(len(together), dtype=np.int64)
    for number, group in enumerate(groups):
        home[group] = number
    looked_at = evenly(len(together), config.cut.most_rows)
    own = home[looked_at]
    closest = nearest(together[looked_at], k=config.closest).indices
    inside = (own[closest] == own[:, None]).mean(axis=1)
    found: list[float] = []
    for number in range(len(groups)):
        members = own == number
        size = int(members.sum())
        chance = (size - 1) / max(1, len(own) - 1)
        share = float(inside[members].mean()) if size else 0.0
        found.append((share - chance) / (1 - chance) if chance < 1 else 0.0)
    return found
