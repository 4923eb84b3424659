"""Three themes of a dozen texts, and corrections that can be made to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from nlp.corrected import Corrected, NameTexts, corrected
from nlp.corrections import Correction, Corrections, Part, plan
from nlp.exemplars import ExemplarConfig
from nlp.found_view import found_view
from nlp.naming import Name
from nlp.neighbours import FloatArray
from nlp.records import Assignment, Statement, Theme, text_sha
from nlp.teaching import TeachingConfig

W1, W2, W3 = "2026-W01", "2026-W02", "2026-W03"
SUBJECTS = ("apple", "river", "engine")
# Per subject: six texts of it, two that speak of "violin" rather, and one that is said twice.
TEXTS = {
    subject: [f"{subject} {n}" for n in range(6)] + [f"{subject} violin {n}" for n in range(2)]
    for subject in SUBJECTS
}
LOOSE = ["desert 0", "desert 1", "desert violin 2"]
NOISE = "n/a"


def direction(word: str) -> FloatArray:
    row = np.random.default_rng(int(text_sha(word)[:8], 16)).normal(size=32)
    return (row / np.linalg.norm(row)).astype(np.float32)


def vector(text: str) -> FloatArray:
    *words, last = text.split()
    row = sum((direction(word) for word in words), 0.25 * direction(text + last))
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


ALL = [*(text for texts in TEXTS.values() for text in texts), *LOOSE]
VECTORS = {text_sha(text): vector(text) for text in ALL}
SHA = {text: text_sha(text) for text in ALL}
STATEMENTS = sorted(
    [
        *(Statement(f"plant/{n:02d}", 0, text) for n, text in enumerate(ALL)),
        Statement("plant/90", 0, "apple 0"),
        Statement("plant/91", 0, "desert 0"),
        Statement("plant/92", 0, NOISE, noise="non-answer"),
    ],
    key=lambda item: item.id,
)


def theme(subject: str, parent: str | None = None) -> Theme:
    return Theme(
        id=f"T-{subject}",
        level="leaf",
        parent_id=parent,
        label=subject.title(),
        label_reason="said often",
        terms=(subject,),
        exemplars=tuple(SHA[text] for text in TEXTS[subject][:5]),
        threshold=0.5,
        born_week=W1,
    )


PARENT = replace(theme("apple"), id="P-fruit", level="parent", label="Fruit", exemplars=())
THEMES = (PARENT, theme("apple", "P-fruit"), theme("engine"), theme("river", "P-fruit"))


def found_place(item: Statement) -> Assignment:
    if item.noise:
        return Assignment(item.id, None, None, "noise", 1.0, item.noise)
    subject = item.text.split()[0]
    if item.text == "desert 1":
        return Assignment(item.id, None, "P-fruit", "parent", 0.4, "parent exemplars")
    if item.text == "desert violin 2":
        return Assignment(item.id, None, None, "unthemed", 0.3, "dormant")
    if subject == "desert":
        return Assignment(item.id, None, None, "unthemed", 0.0, "none")
    parent = None if subject == "engine" else "P-fruit"
    return Assignment(item.id, f"T-{subject}", parent, "leaf", 0.8, "exemplars")


PLACED = {item.id: found_place(item) for item in STATEMENTS}


def vectors(shas: Sequence[str]) -> FloatArray:
    return np.stack([VECTORS[sha] for sha in shas])


def name(shas: Sequence[str], rows: FloatArray) -> Name:
    assert len(shas) == len(rows)
    return Name(f"Found {min(shas)[:6]}", "as found", ("word",))


def apply(
    week: str,
    made: Sequence[Correction],
    *,
    before: Corrected | None = None,
    name: NameTexts = name,
    statements: Sequence[Statement] = tuple(STATEMENTS),
    themes: Sequence[Theme] = THEMES,
    placed: Mapping[str, Assignment] = PLACED,
) -> Corrected:
    """A week in which the engine changes nothing."""
    earlier = before.themes if before else themes
    stood = before.assigned if before else dict(placed)
    decided = plan(Corrections(tuple(made)), earlier, SHA_SET.__contains__)
    found, rows = found_view(earlier, stood, decided)
    return corrected(
        week,
        decided,
        themes=found,
        placed=rows,
        before=earlier,
        stood=stood,
        statements=statements,
        exemplars=VECTORS,
        vectors=vectors,
        name=name,
        memory=ExemplarConfig(),
        teaching=TeachingConfig(),
    )


SHA_SET = frozenset(SHA.values())


def leaf(found: Corrected, text: str) -> str | None:
    (place,) = {
        found.assigned[item.id].theme_id for item in STATEMENTS if item.text == text
    }  # copies stand together
    return place


def get(found: Corrected, theme_id: str) -> Theme:
    return next(one for one in found.themes if one.id == theme_id)


def kinds(found: Corrected) -> list[tuple[str, str]]:
    return [(one.kind, one.theme_id) for one in found.events]


def move(text: str, to: str) -> Correction:
    return Correction("move", to, why="it is that", texts=(SHA[text],))


def link(kind: str, *texts: str) -> Correction:
    shas = tuple(SHA[text] for text in texts)
    return Correction("must-link" if kind == "must" else "cannot-link", texts=shas)


SPLIT = Correction(
    "split",
    "T-apple",
    parts=(Part((SHA["apple 0"], SHA["apple 1"]), "Apples"), Part((SHA["apple violin 0"],))),
)
CORRECTIONS = [
    Correction("rename", "T-apple", label="Our apples"),
    Correction("rename", SPLIT.children[1], label="Our violins"),
    Correction("merge", "T-apple", into="T-river"),
    Correction("merge", "T-river", into="T-engine"),
    Correction("merge", "T-engine", into="T-apple"),
    Correction("merge", SPLIT.children[0], into="T-engine"),
    SPLIT,
    Correction("dismiss", "T-river"),
    Correction("dismiss", SPLIT.children[1]),
    Correction("remove", "T-engine"),
    Correction("remove", "T-apple"),
    Correction("pin", "T-river"),
    Correction("pin", "P-fruit"),
    move("apple violin 0", "T-engine"),
    move("desert 0", "T-apple"),
    move("desert 1", "T-river"),
    move("engine 2", SPLIT.children[0]),
    link("must", "river 0", "engine 0"),
    link("must", "river 1", "engine 0"),
    link("cannot", "apple 0", "apple 1"),
    link("cannot", "river 0", "engine 1"),
    link("must", "desert 0", "desert violin 2"),
]
some_corrections = st.lists(st.sampled_from(CORRECTIONS), max_size=6, unique_by=id)


def place_of(text: str) -> str:
    return next(item.id for item in STATEMENTS if item.text == text)


def subjects(one: Correction) -> set[str]:
    """The themes and texts that a correction names or makes."""
    texts = {sha for part in one.parts for sha in part.texts} | {*one.texts}
    return ({one.theme_id, one.into, *one.children} | texts) - {""}


def distinct_names() -> NameTexts:
    """Like the engine's: no two themes get the same name, so whoever comes second gets another."""
    used: set[str] = set()

    def found(shas: Sequence[str], rows: FloatArray) -> Name:
        used.add(f"Name {len(used)}")
        return Name(f"Name {len(used)}", "as found", ("word",))

    return found


RIVER_SPLIT = Correction(
    "split", "T-river", parts=(Part((SHA["river 0"],)), Part((SHA["river violin 1"],)))
)


NESTED = (Part((SHA["apple violin 0"],)), Part((SHA["apple violin 1"],)))
