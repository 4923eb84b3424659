"""How many themes there are, when nobody knows: judged on the neighbour graph and the vectors.

One cut of a sample proceeds in three steps.

1. Graphs of a few widths are cut by Leiden over a ladder of resolutions.
2. For each judging width (neighbours a row has) the cut is kept that tells the graph in the fewest
   nats under a planted-partition block model (Zhang and Peixoto 2020, "Statistical inference of
   assortative community structures"). Wide neighbourhoods tie small themes together, narrow ones
   cut large themes into cliques, so the width itself must be chosen:
3. by evidence that is added as squared deviations. Themes should be about four times as
   large as the neighbourhood that finds them (so that most of a member's neighbours are of its
   theme, and yet the theme is no clique). And the mean cosine of two members of a theme should be
   near .60, as paraphrases of one request have it with MiniLM, whatever the corpus: over samples
   of Banking77 with 20 to 77 intents and 400 to 7,500 texts the best cut had .58 to .62, while the
   number of clusters there ran from 18 to 95. Where texts are long or mixed nothing comes near
   .60 (NHS comments and long tickets: .30); there this second term is flat, and the first decides.
   Where several widths are equally good, the usual one is likelier: a weak third term prefers
   widths near .28 of the square root of the rows (over eight corpora the best had .11 to .6).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import gammaln

from nlp.leiden import LeidenConfig, edge_list, leiden
from nlp.neighbours import FloatArray, Graph, IntArray, Neighbours, neighbour_graph


@dataclass(frozen=True, slots=True)
class GranularityConfig:
    """What a good number of themes looks like. One set of defaults for every corpus."""

    cuts: tuple[int, ...] = (5, 8, 15)  # neighbours in the graphs that are cut
    widths: tuple[int, ...] = (4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 60)
    widest: float = 0.75  # of the square root of the rows: wider, and all themes are one
    resolutions: tuple[float, ...] = (
        *(0.35, 0.5, 0.7, 1.0, 1.35, 1.8, 2.4, 3.2, 4.2, 5.6, 7.5, 10.0, 14.0, 20.0),
    )
    ratio: float = 3.9  # rows of a theme for each neighbour of the judging width
    ratio_spread: float = 0.25  # in logs
    tightness: float = 0.60  # mean cosine of two members of one theme
    tightness_spread: float = 0.05
    tightness_reach: float = 0.06  # farther off, it says nothing more
    usual_width: float = 0.28  # of the square root of the rows
    usual_spread: float = 1.5  # in logs: a hint
    cut: LeidenConfig = field(default_factory=lambda: LeidenConfig(trials=1, iterations=2))


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut of a sample, and how well its granularity agrees with both pieces of evidence."""

    labels: IntArray
    width: int
    resolution: float
    tightness: float
    misfit: float

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max()) + 1


def best_cut(
    vectors: FloatArray, neighbours: Neighbours, *, seed: int, config: GranularityConfig
) -> Cut:
    """The cut whose width agrees with its outcome; unit rows of shape (n, d).

    Args:
        neighbours: of each row, at least as many as the widest judging width for n rows.
        seed: of the cuts.
    """
    cut_config = LeidenConfig(trials=config.cut.trials, iterations=config.cut.iterations, seed=seed)
    rows = len(vectors)
    ladders: dict[int, list[IntArray]] = {}
    best: Cut | None = None
    for width in usable_widths(rows, config=config):
        at_most = max([size for size in config.cuts if size <= width] or config.cuts[:1])
        if at_most not in ladders:
            edges = edge_list(neighbour_graph(neighbours.first(at_most)))
            ladders[at_most] = [
                leiden(edges, rows, resolution=resolution, config=cut_config)
                for resolution in config.resolutions
            ]
        judge = neighbour_graph(neighbours.first(width))
        lengths = [description_length(judge, labels) for labels in ladders[at_most]]
        chosen = int(np.argmin(lengths))
        labels = ladders[at_most][chosen]
        tight = tightness(vectors, labels)
        found = Cut(
            labels,
            width,
            config.resolutions[chosen],
            tight,
            misfit(rows, int(labels.max()) + 1, width, tight, config=config),
        )
        if best is None or round(found.misfit, 9) <= round(best.misfit, 9):
            best = found
    assert best is not None
    return best


def misfit(rows: int, count: int, width: int, tight: float, *, config: GranularityConfig) -> float:
    """Squared deviations of ratio, tightness and width from the best, in units of their spread.

    >>> config = GranularityConfig(ratio=4.0, usual_width=0.25)
    >>> misfit(1600, 40, 10, 0.60, config=config)
    0.0
    """
    ratio = np.log(rows / count / width / config.ratio) / config.ratio_spread
    off = min(abs(tight - config.tightness), config.tightness_reach) / config.tightness_spread
    unusual = np.log(width / (config.usual_width * rows**0.5)) / config.usual_spread
    return float(ratio**2 + off**2 + unusual**2)


def usable_widths(rows: int, *, config: GranularityConfig) -> tuple[int, ...]:
    """The judging widths for so many rows, narrowest first; at least one."""
    most = max(config.widths[0], rows**0.5 * config.widest)
    return tuple(width for width in config.widths if width <= most)


def tightness(vectors: FloatArray, labels: IntArray) -> float:
    """Mean cosine of two different members of one cluster, over all rows of clusters of two up."""
    groups = int(labels.max()) + 1
    sizes = np.bincount(labels, minlength=groups).astype(np.float64)
    order = np.argsort(labels, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    sums = np.add.reduceat(vectors[order].astype(np.float64), starts, axis=0)
    pairs = ((sums**2).sum(axis=1) - sizes) / np.maximum(sizes * (sizes - 1), 1)
    several = sizes > 1
    if not several.any():
        return 1.0
    return float((pairs * sizes)[several].sum() / sizes[several].sum())


def description_length(graph: Graph, labels: IntArray) -> float:
    """Nats to tell an unweighted graph and its partition under the planted-partition model.

    Only differences between partitions of one graph mean something: terms that do not depend on
    the partition are left out.
    """
    nodes, edges = graph.nodes, len(graph.left)
    groups = int(labels.max()) + 1
    sizes = np.bincount(labels, minlength=groups)
    inside = int((labels[graph.left] == labels[graph.right]).sum())
    across = edges - inside
    degrees = np.bincount(graph.left, minlength=nodes) + np.bincount(graph.right, minlength=nodes)
    group_degrees = np.bincount(labels, weights=degrees, minlength=groups)
    fit = gammaln(inside + 1) + gammaln(across + 1) - inside * np.log(groups / 2)
    if groups > 1:
        fit -= across * np.log(groups * (groups - 1) / 2) + np.log(edges + 1)
    fit += float((gammaln(sizes) - gammaln(group_degrees + sizes)).sum())
    prior = gammaln(nodes + 1) - gammaln(sizes + 1).sum() + np.log(nodes)
    prior += gammaln(nodes) - gammaln(groups) - gammaln(nodes - groups + 1)
    return float(prior - fit)
