"""Whether a segment and an onset are two findings or one told twice.

A version that exists only since an onset concentrates whatever began then, and the onset shows in
it. So the segment must also stand inside weeks, where "since then" cannot explain anything.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from nlp.causes.attributes import encode
from nlp.population import IntArray, Population
from nlp.records import Cause


def within_weeks_p(population: Population, piece: Cause) -> float:
    """One-sided p of a segment's excess in its theme, stratified by week (Mantel's idea, exact).

    In week w the theme has K customers and the segment the share s of all customers; without an
    excess the theme's customers in the segment follow Binomial(K, s), and their sum over weeks is
    compared with its exact distribution. 1.0 when the segment cannot be laid out on this
    population.
    """
    inside = _segment(population, piece)
    members = population.members.get(piece.theme_id)
    if inside is None or members is None:
        return 1.0
    weeks = np.array(population.weeks, dtype=np.str_)
    seen, law = 0, np.ones(1)
    for week in np.unique(weeks[members]).tolist():
        rows = np.flatnonzero(weeks == week)
        mine = members[weeks[members] == week]
        share = _distinct(population, rows[inside[rows]]) / _distinct(population, rows)
        customers = _distinct(population, mine)
        seen += _distinct(population, mine[inside[mine]])
        law = np.convolve(law, binom.pmf(np.arange(customers + 1), customers, min(share, 1.0)))
    return min(1.0, float(law[seen:].sum()))


def _segment(
    population: Population, piece: Cause
) -> np.ndarray[tuple[int], np.dtype[np.bool_]] | None:
    """Which feedback lies in the piece's segment; None when an attribute is not laid out here."""
    inside = np.ones(len(population), dtype=np.bool_)
    for name, value in piece.conditions:
        if name not in population.attributes:
            return None
        columns = encode({name: population.attributes[name]})
        if not columns or value not in columns[0].values:
            return None
        inside &= columns[0].codes == columns[0].values.index(value)
    return inside


def _distinct(population: Population, rows: IntArray) -> int:
    return int(np.unique(population.customers[rows]).size)
