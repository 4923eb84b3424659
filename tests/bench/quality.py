"""Quality against the true labels, beside the rivals: ACC, NMI, number of themes.

Banking77's own numbers, the ratio to k-means that is told k, and found / true, on every corpus.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.bench.engine import Subject, answer, leaves_of
from tests.bench.measures import Clusters, accuracy, ari, coverage, nmi, together
from tests.bench.rivals import available, kmeans, rivals
from tests.bench.row import Figure, Row, say

_SEEDS = (0, 1, 2, 3, 4)
OURS, TOLD = "Groundswell", "k-means told k"


@dataclass(frozen=True, slots=True)
class Scored:
    """One method on one corpus. `out` is the share of texts without a cluster."""

    corpus: str
    method: str
    clusters: float
    true: int
    out: float
    acc: float
    nmi: float
    ari: float
    seconds: float


def compare(subjects: Sequence[Subject], *, with_rivals: bool) -> list[Scored]:
    """Every method on every corpus whose labels are intents."""
    found: list[Scored] = []
    for subject in subjects:
        if subject.corpus.kind != "intents":
            continue
        ours = answer(subject)
        leaves = leaves_of(ours, len(subject.corpus.texts))
        found.append(_score(subject, OURS, leaves, ours.seconds))
        found.append(_kmeans(subject))
        if with_rivals and available():
            for name, run in rivals(subject.corpus.texts, subject.vectors):
                clock = time.perf_counter()
                clusters = run()
                found.append(_score(subject, name, clusters, time.perf_counter() - clock))
                say(f"{subject.corpus.name}: {name}")
    return found


def measure_banking(scores: Sequence[Scored]) -> Row:
    """Leaf themes of Banking77, unassigned counted as wrong (ACC), as one class (NMI)."""
    ours = next((one for one in scores if one.method == OURS and one.corpus == "banking77"), None)
    return Row(
        "banking77",
        (
            Figure("ACC", ours.acc if ours else None, 0.70, 0.76),
            Figure("NMI", ours.nmi if ours else None, 0.83, 0.87),
        ),
        {"scores": asdict(ours)} if ours else {},
        "" if ours else "Banking77 was not among the corpora",
    )


def measure_ratio(scores: Sequence[Scored]) -> Row:
    """ACC and NMI over those of k-means told the true k (mean of 5 seeds); median over corpora."""
    by_name = {(one.corpus, one.method): one for one in scores}
    ratios = {
        corpus: (one.acc / told.acc, one.nmi / told.nmi)
        for (corpus, method), one in by_name.items()
        if method == OURS and (told := by_name[corpus, TOLD]).acc > 0 and told.nmi > 0
    }
    acc, nmi_ratio = (
        statistics.median(pair[at] for pair in ratios.values()) if ratios else None for at in (0, 1)
    )
    return Row(
        "ratio",
        (
            Figure("ACC over k-means told k, median", acc, 1.05, 1.15),
            Figure("NMI over k-means told k, median", nmi_ratio, 1.05, 1.15),
        ),
        {corpus: {"acc": one, "nmi": other} for corpus, (one, other) in sorted(ratios.items())},
        _listed({corpus: pair[0] for corpus, pair in ratios.items()}, "ACC"),
    )


def measure_count(scores: Sequence[Scored]) -> Row:
    """Leaf themes found over labels there are: the least and the greatest over the corpora."""
    shares = {one.corpus: one.clusters / one.true for one in scores if one.method == OURS}
    return Row(
        "count",
        (
            Figure("found / true, least", min(shares.values(), default=None), 0.6, 0.8),
            Figure(
                "found / true, greatest",
                max(shares.values(), default=None),
                1.6,
                1.25,
                at_most=True,
            ),
        ),
        {
            one.corpus: {"found": one.clusters, "true": one.true}
            for one in scores
            if one.method == OURS
        },
        _listed(shares, "found / true"),
    )


def measure_together(subjects: Sequence[Subject]) -> Row | None:
    """Texts that belong together (notes of one call): share of their pairs within one leaf.

    Beside it the same for any pair, and k-means with as many clusters as were found.
    """
    figures: list[Figure] = []
    for subject in subjects:
        if subject.corpus.kind != "groups":
            continue
        done = answer(subject)
        leaves = leaves_of(done, len(subject.corpus.texts))
        same, chance = together(leaves, subject.corpus.labels)
        count = max(2, len({leaf for leaf in leaves if leaf}))
        other = kmeans(subject.vectors, clusters=count, seed=0)
        told, told_chance = together(other, subject.corpus.labels)
        name = subject.corpus.name
        figures += [
            Figure(f"{name}: leaf themes", float(count)),
            Figure(f"{name}: coverage", coverage(leaves)),
            Figure(f"{name}: pairs of a group together", same),
            Figure(f"{name}: any pairs together", chance),
            Figure(f"{name}: k-means, pairs of a group", told),
            Figure(f"{name}: k-means, any pairs", told_chance),
        ]
    return Row("together", tuple(figures)) if figures else None


def methods_table(scores: Sequence[Scored]) -> str:
    """Every method on every corpus, as text."""
    lines = [f"{'corpus':14}{'method':30}{'found':>7}{'true':>6}{'out':>7}{'ACC':>7}{'NMI':>7}"]
    lines[0] += f"{'ARI':>7}{'s':>9}"
    lines += [
        f"{one.corpus[:13]:14}{one.method:30}{one.clusters:7.0f}{one.true:6d}{one.out:7.3f}"
        f"{one.acc:7.3f}{one.nmi:7.3f}{one.ari:7.3f}{one.seconds:9.1f}"
        for one in scores
    ]
    return "\n".join(lines)


def _kmeans(subject: Subject) -> Scored:
    clock = time.perf_counter()
    runs = [
        _score(
            subject,
            TOLD,
            kmeans(subject.vectors, clusters=len(subject.corpus.names), seed=seed),
            0.0,
        )
        for seed in _SEEDS
    ]
    seconds = (time.perf_counter() - clock) / len(runs)
    say(f"{subject.corpus.name}: {TOLD}")
    return Scored(
        subject.corpus.name,
        TOLD,
        statistics.mean(one.clusters for one in runs),
        runs[0].true,
        0.0,
        statistics.mean(one.acc for one in runs),
        statistics.mean(one.nmi for one in runs),
        statistics.mean(one.ari for one in runs),
        seconds,
    )


def _score(subject: Subject, method: str, clusters: Clusters, seconds: float) -> Scored:
    labels = subject.corpus.labels
    return Scored(
        subject.corpus.name,
        method,
        len({cluster for cluster in clusters if cluster is not None}),
        len(subject.corpus.names),
        1 - coverage(clusters),
        accuracy(clusters, labels),
        nmi(clusters, labels),
        ari(clusters, [min(own) for own in labels]),
        seconds,
    )


def _listed(values: dict[str, float], what: str) -> str:
    shown = ", ".join(f"{name} {value:.2f}" for name, value in sorted(values.items()))
    return f"{what}: {shown}" if shown else "no corpus with intents"
