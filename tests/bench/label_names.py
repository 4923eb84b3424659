"""Do labels say what a theme is about? The true name nearest to the label should be its own."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.engine import Subject, answer, leaves_of
from tests.bench.measures import majorities
from tests.bench.row import Figure, Row, mean


def measure(subjects: Sequence[Subject]) -> Row:
    """Share of leaf themes whose label is nearer to their majority intent's name than to any other.

    By cosine of the same encoder; underscores in names are spaces. The mean over corpora.
    """
    shares: dict[str, float] = {}
    details: dict[str, object] = {}
    for subject in subjects:
        if subject.corpus.kind != "intents":
            continue
        done = answer(subject)
        common = majorities(leaves_of(done, len(subject.corpus.texts)), subject.corpus.labels)
        themes = [theme for theme in done.leaves if theme.id in common]
        if not themes:
            continue
        names = subject.corpus.names
        true = subject.encode([name.replace("_", " ") for name in names])
        nearest = (subject.encode([theme.label for theme in themes]) @ true.T).argmax(axis=1)
        told = [
            (theme.label, common[theme.id], names[at])
            for theme, at in zip(themes, nearest.tolist(), strict=True)
        ]
        shares[subject.corpus.name] = sum(own == near for _, own, near in told) / len(told)
        details[subject.corpus.name] = [
            {"label": label, "majority": own, "nearest": near} for label, own, near in told
        ]
    return Row(
        "labels",
        (Figure("nearest to the own intent's name", mean(list(shares.values())), 0.70, 0.85),),
        details,
        ", ".join(f"{name} {share:.2f}" for name, share in shares.items()),
    )
