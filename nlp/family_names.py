"""A family's name: what customers of most of its themes speak of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp.encoding import Encode
from nlp.naming import Background, Name, NamingConfig, label_key, rank_names, written
from nlp.neighbours import FloatArray
from nlp.phrases import is_content, phrases


@dataclass(frozen=True, slots=True)
class FamilyNameConfig:
    """What a family may be called."""

    longest: int = 3  # words; what several themes share is said in few
    least_share: float = 0.6  # of its themes whose customers say all words of the name
    # What being said in all themes instead of in none weighs, in cosines: as much as a phrase of
    # one theme is nearer to the middle than one of all. By eye, on families of three corpora.
    shared: float = 0.5
    # Least cosine of the name with each of the themes: one that has nothing to do with some of them
    # ("Password" over sign-in and over quotes) misleads. Unrelated themes stand at .1 to .35.
    least_near: float = 0.35
    # Share of the themes' labels that hold a name of one word: "Staff" is a name, "Long" is none.
    least_labels: float = 0.5
    texts: int = 40  # of each theme that are read; each has the same say


@dataclass(frozen=True, slots=True)
class Member:
    """A theme of a family: its label, its direction (a unit vector), some of its texts."""

    id: str
    label: str
    centroid: FloatArray
    texts: tuple[str, ...]
    terms: tuple[str, ...] = ()


def name_family(
    children: Sequence[Member],
    *,
    background: Background,
    encode: Encode,
    others: FloatArray | None = None,
    taken: Collection[str] = (),
    naming: NamingConfig | None = None,
    config: FamilyNameConfig | None = None,
) -> Name:
    """One to three words that mean the family and that most of its themes' customers say.

    score = the phrase's as a theme's name, among the families, + shared x share of the themes in
    whose texts all its words of content occur. Where no phrase is shared by `least_share` of them,
    the two themes in the middle give their names: "A · B".

    Args:
        children: the themes of the family, at least one.
        background: what is said everywhere.
        others: directions of the other families, shape (m, d).
        taken: labels of all other themes; those of the children need not be among them.
    """
    config, naming = config or FamilyNameConfig(), naming or NamingConfig()
    members = sorted(children, key=lambda one: one.id)
    centre = np.stack([one.centroid for one in members]).mean(axis=0)
    centre = (centre / np.linalg.norm(centre)).astype(np.float32)
    ranking = rank_names(
        [text for one in members for text in one.texts[: config.texts]],
        centre,
        background=background,
        encode=encode,
        others=others,
        config=replace(naming, longest=config.longest, shortest=1, most_texts=10_000),
    )
    said = [phrases(one.texts[: config.texts], longest=1).texts for one in members]
    used = {label_key(label) for label in (*taken, *(one.label for one in members))}
    labels = [label_key(one.label).split() for one in members]
    found: list[tuple[float, str, int]] = []
    for score, phrase in ranking.names:
        words = [word for word in phrase.split() if is_content(word)]
        themes = sum(all(own[word] for word in words) for own in said)
        key = label_key(phrase)
        named = sum(key in label for label in labels)
        if themes < max(2, config.least_share * len(members)) or key in used:
            continue
        if len(phrase.split()) > 1 or named >= max(2, config.least_labels * len(members)):
            better = score + config.shared * themes / len(members)
            found.append((-round(better, 6), phrase, themes))
    if found:
        near = (
            encode([phrase for _, phrase, _ in found])
            @ np.stack([one.centroid for one in members]).T
        )
        found = [
            one
            for one, least in zip(found, near.min(axis=1), strict=True)
            if round(float(least), 6) >= config.least_near
        ]
    if not found:
        return _of_the_middle(members, centre, ranking.terms, taken)
    _, phrase, themes = min(found)
    reason = f"what customers of {themes} of its {len(members)} themes speak of"
    return Name(written(phrase, ranking.texts), reason, ranking.terms)


def _of_the_middle(
    members: Sequence[Member],
    centre: FloatArray,
    terms: tuple[str, ...],
    taken: Collection[str],
) -> Name:
    ranked = sorted(members, key=lambda one: (-round(float(one.centroid @ centre), 6), one.id))
    plain = " · ".join(one.label for one in ranked[:2])
    label, number = plain, 2
    while label in taken:
        label, number = f"{plain} ({number})", number + 1
    return Name(label, "the two most central of its themes; they share no phrase", terms)
