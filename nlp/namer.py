"""Names for the themes that people make, and what all names must stand out against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np

from nlp.corrected import NameTexts
from nlp.corrections import Plan
from nlp.encoding import Encode
from nlp.families import NameFamily
from nlp.family_names import Member, name_family
from nlp.naming import Background, Name, NamingConfig, background, name_theme, spread
from nlp.neighbours import FloatArray
from nlp.records import Statement, Theme


def everywhere_said(
    statements: Sequence[Statement], config: NamingConfig
) -> Callable[[], Background]:
    """What is said everywhere, read once and only when something is to be named."""

    @cache
    def read() -> Background:
        kept = spread(statements, config.background)
        return background(item.text for item in kept if item.noise is None)

    return read


def namer(
    statements: Sequence[Statement],
    state: Mapping[str, Theme],
    decided: Plan,
    everywhere: Callable[[], Background],
    *,
    encode: Encode,
    config: NamingConfig,
) -> NameTexts:
    """Names a theme that people made."""

    def name(shas: Sequence[str], rows: FloatArray) -> Name:
        texts = {item.sha: item.text for item in statements if item.noise is None}
        centre = rows.mean(axis=0)
        found = name_theme(
            [texts[sha] for sha in shas],
            (centre / np.linalg.norm(centre)).astype(np.float32),
            background=everywhere(),
            encode=encode,
            taken={theme.label for theme in state.values()} | used | {*decided.renames.values()},
            config=config,
        )
        used.add(found.label)
        return found

    used: set[str] = set()
    return name


def family_namer(
    statements: Sequence[Statement],
    state: Mapping[str, Theme],
    decided: Plan,
    everywhere: Callable[[], Background],
    *,
    encode: Encode,
    config: NamingConfig,
) -> NameFamily:
    """Names a family by what the exemplars of its themes say."""

    @cache
    def remembered() -> dict[str, str]:
        wanted = {sha for theme in state.values() for sha in theme.exemplars}
        return {sha: item.text for item in statements if (sha := item.sha) in wanted}

    def name(children: Sequence[tuple[Theme, FloatArray]]) -> Name:
        texts = remembered()
        members = [
            Member(
                child.id,
                child.label,
                centre,
                tuple(texts[sha] for sha in child.exemplars if sha in texts),
                child.terms,
            )
            for child, centre in children
        ]
        return name_family(
            members,
            background=everywhere(),
            encode=encode,
            taken={theme.label for theme in state.values()} | {*decided.renames.values()},
            naming=config,
        )

    return name
