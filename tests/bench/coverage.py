"""How much stands in themes, and whether leaving the rest out buys purity."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.engine import Subject, answer, forced, leaves_of
from tests.bench.measures import coverage, purity
from tests.bench.row import Figure, Row, mean


def measure(subjects: Sequence[Subject]) -> Row:
    """Coverage at leaf and at any level: the mean over corpora, each in the note.

    Purity of what is assigned minus purity when every text is forced into its best leaf: it must
    not be negative on any corpus, else what was left out was left out for nothing.
    """
    details: dict[str, dict[str, float]] = {}
    for subject in subjects:
        if subject.corpus.kind != "intents":
            continue
        done, labels = answer(subject), subject.corpus.labels
        count = len(labels)
        leaves = leaves_of(done, count)
        anywhere = [done.leaf.get(row) or done.parent.get(row) for row in range(count)]
        details[subject.corpus.name] = {
            "leaf": coverage(leaves),
            "any": coverage(anywhere),
            "purity": purity(leaves, labels),
            "forced": purity(forced(done, subject.corpus.texts, subject.vectors), labels),
        }
    gains = [one["purity"] - one["forced"] for one in details.values()]
    return Row(
        "coverage",
        (
            Figure("leaf level", mean([one["leaf"] for one in details.values()]), 0.85, 0.90),
            Figure("any level", mean([one["any"] for one in details.values()]), 0.95, 0.98),
            Figure("purity, assigned - forced, least", min(gains, default=None), 0.0),
        ),
        details,
        ", ".join(f"{name} {one['leaf']:.2f}/{one['any']:.2f}" for name, one in details.items()),
    )
