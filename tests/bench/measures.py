"""How alike a grouping and the true labels are. Clusters are names; None is "unassigned".

A text may carry several labels. It is right when the label matched to its cluster is among them;
in NMI each of its m labels weighs 1/m. With one label a text both are the usual measures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score

Clusters = Sequence[str | None]
Labels = Sequence[frozenset[str]]


def accuracy(clusters: Clusters, labels: Labels) -> float:
    """Share of texts right under the best one-to-one matching of clusters and labels (Kuhn 1955).

    Unassigned texts are wrong: they are no cluster and are matched to nothing.
    """
    matched = matching(clusters, labels)
    right = sum(
        cluster is not None and matched.get(cluster) in own
        for cluster, own in zip(clusters, labels, strict=True)
    )
    return right / len(clusters) if clusters else 0.0


def matching(clusters: Clusters, labels: Labels) -> dict[str, str]:
    """Cluster -> label of the best one-to-one matching."""
    names = sorted({cluster for cluster in clusters if cluster is not None})
    kinds = sorted({label for own in labels for label in own})
    if not names:
        return {}
    counts = _counts(clusters, labels, names, kinds, shared=False)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return {names[row]: kinds[column] for row, column in zip(rows, columns, strict=True)}


def nmi(clusters: Clusters, labels: Labels) -> float:
    """Mutual information over the mean of both entropies; all unassigned texts are one cluster."""
    filled = ["\0unassigned" if cluster is None else cluster for cluster in clusters]
    names = sorted(set(filled))
    kinds = sorted({label for own in labels for label in own})
    joint = _counts(filled, labels, names, kinds, shared=True)
    joint /= joint.sum()
    left, right = joint.sum(axis=1), joint.sum(axis=0)
    seen = joint > 0
    information = float((joint[seen] * np.log(joint[seen] / np.outer(left, right)[seen])).sum())
    middle = (_entropy(left) + _entropy(right)) / 2
    return max(0.0, information / middle) if middle > 0 else 1.0


def ari(left: Clusters, right: Clusters) -> float:
    """Adjusted Rand index of two groupings of the same texts; unassigned texts are one class."""
    numbers = [[_fill(cluster) for cluster in side] for side in (left, right)]
    return float(adjusted_rand_score(numbers[0], numbers[1]))


def purity(clusters: Clusters, labels: Labels) -> float:
    """Share of the assigned texts that carry the commonest label of their cluster."""
    common = majorities(clusters, labels)
    assigned = [pair for pair in zip(clusters, labels, strict=True) if pair[0] is not None]
    if not assigned:
        return 0.0
    return sum(common[str(cluster)] in own for cluster, own in assigned) / len(assigned)


def majorities(clusters: Clusters, labels: Labels) -> dict[str, str]:
    """Cluster -> the label most of its texts carry; equal ones by name."""
    counted: dict[str, Counter[str]] = {}
    for cluster, own in zip(clusters, labels, strict=True):
        if cluster is not None:
            counted.setdefault(cluster, Counter()).update(own)
    return {
        cluster: min(counts, key=lambda label: (-counts[label], label))
        for cluster, counts in counted.items()
    }


def coverage(clusters: Clusters) -> float:
    """Share of texts that are assigned."""
    return sum(cluster is not None for cluster in clusters) / len(clusters) if clusters else 0.0


def together(clusters: Clusters, groups: Labels) -> tuple[float, float]:
    """Pairs of one group that share a cluster, and pairs of any texts that do: both as shares.

    Unassigned texts are together with nothing.
    """
    members: dict[str, list[int]] = {}
    for row, own in enumerate(groups):
        for group in own:
            members.setdefault(group, []).append(row)
    same = pairs = 0
    for rows in members.values():
        for at, row in enumerate(rows):
            for other in rows[at + 1 :]:
                pairs += 1
                same += clusters[row] is not None and clusters[row] == clusters[other]
    sizes = Counter(cluster for cluster in clusters if cluster is not None)
    count = len(clusters)
    everything = count * (count - 1) / 2
    chance = sum(size * (size - 1) / 2 for size in sizes.values()) / everything if everything else 0
    return (same / pairs if pairs else 0.0), float(chance)


def growth_exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The b of cost = a x size^b, by least squares on the logarithms."""
    slope, _ = np.polyfit(np.log(np.asarray(sizes)), np.log(np.asarray(costs)), 1)
    return float(slope)


def _fill(cluster: str | None) -> str:
    return "\0unassigned" if cluster is None else cluster


def _counts(
    clusters: Clusters,
    labels: Labels,
    names: Sequence[str],
    kinds: Sequence[str],
    *,
    shared: bool,
) -> NDArray[np.float64]:
    row_of = {name: row for row, name in enumerate(names)}
    column_of = {kind: column for column, kind in enumerate(kinds)}
    counts = np.zeros((len(names), len(kinds)))
    for cluster, own in zip(clusters, labels, strict=True):
        if cluster is not None:
            for label in own:
                counts[row_of[cluster], column_of[label]] += 1 / len(own) if shared else 1
    return counts


def _entropy(shares: NDArray[np.float64]) -> float:
    positive = shares[shares > 0]
    return float(-(positive * np.log(positive)).sum())
