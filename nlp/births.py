"""Themes come to be: from intents that people described, and from groups that passed the tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp.discover import BirthConfig, ResidueText, discover
from nlp.encoding import Encode
from nlp.exemplars import ExemplarConfig, calibrate, choose_exemplars, loosest_out
from nlp.naming import Background, NamingConfig, name_theme
from nlp.neighbours import FloatArray
from nlp.records import Theme, text_sha
from nlp.registry import Registry, theme_scores


@dataclass(frozen=True, slots=True)
class SeedIntent:
    """An intent that people have described beforehand: its theme exists from the first week."""

    id: str
    name: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamingCorpus:
    """What a name must stand out against: what is said everywhere, and the names in use."""

    texts: Mapping[str, str]
    background: Callable[[], Background]
    taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class Births:
    """Newborn leaves; text digest -> the newborn it founded; (texts, reason) of refused groups."""

    themes: tuple[Theme, ...]
    founders: Mapping[str, str]
    refused: tuple[tuple[int, str], ...]


def seed_themes(
    week: str,
    seeds: Sequence[SeedIntent],
    known: frozenset[str],
    *,
    encode: Encode,
    config: ExemplarConfig,
) -> list[Theme]:
    """A theme for each seed that has none yet; `known` are the seeds that have one."""
    made: list[Theme] = []
    for seed in sorted(seeds, key=lambda item: item.id):
        if seed.id in known:
            continue
        examples = encode(seed.examples)
        made.append(
            Theme(
                id=theme_id("T", "seed", (seed.id,)),
                level="leaf",
                parent_id=None,
                label=seed.name,
                label_reason=f"seeded by intent {seed.id}",
                terms=(),
                exemplars=tuple(text_sha(text) for text in seed.examples),
                threshold=calibrate(examples, examples, config=config),
                born_week=week,
                seeded_by=seed.id,
            )
        )
    return made


def reseed_themes(
    seeds: Sequence[SeedIntent],
    themes: Sequence[Theme],
    *,
    encode: Encode,
    config: ExemplarConfig,
) -> list[Theme]:
    """Seeded themes whose intent people have since described anew: new name, new examples first.

    What the theme has learnt from customers stays behind the examples, as far as there is room.
    """
    described = {seed.id: seed for seed in seeds}
    changed: list[Theme] = []
    for theme in themes:
        seed = described.get(theme.seeded_by or "")
        if seed is None:
            continue
        examples = tuple(text_sha(text) for text in seed.examples)
        found = theme.found_label or theme.label
        if set(examples) <= set(theme.exemplars) and found == seed.name:
            continue
        learnt = [sha for sha in theme.exemplars if sha not in examples]
        vectors = encode(seed.examples)
        changed.append(
            replace(
                theme,
                label=seed.name,
                found_label="",
                found_reason="",
                exemplars=(*examples, *learnt)[: max(config.most, len(examples))],
                threshold=calibrate(vectors, vectors, config=config),
            )
        )
    return changed


def give_birth(
    week: str,
    residue: Sequence[ResidueText],
    rows: FloatArray,
    registry: Registry,
    *,
    corpus: NamingCorpus,
    encode: Encode,
    births: BirthConfig,
    memory: ExemplarConfig,
    naming: NamingConfig,
) -> Births:
    """New leaves of what no theme takes.

    Args:
        residue: distinct texts without a leaf, sorted by digest; `rows` are their unit vectors.
        registry: the themes that exist.
    """
    known = [registry.exemplars(theme) for theme in registry.leaves]
    none = np.zeros((0, rows.shape[1]), np.float32)
    exemplars = np.concatenate(known) if known else none
    beside = np.concatenate([one[: births.beside] for one in known]) if known else none
    founding = all(theme.seeded_by for theme in registry.leaves)
    claims = None
    if registry.leaves and len(rows):
        claims = theme_scores(registry, registry.leaves, rows, config=memory).max(axis=1)
    proposals = discover(
        residue,
        rows,
        beside,
        week=week,
        claims=claims,
        founding=founding,
        config=births,
        memory=memory,
    )
    refused = tuple((len(found.rows), found.reason) for found in proposals if found.reason)
    accepted = [found for found in proposals if not found.reason]
    if not accepted:
        return Births((), {}, refused)
    everywhere = corpus.background()
    centres = [_mean(rows[found.rows]) for found in accepted]
    siblings = [*centres, *map(registry.centroid, registry.leaves)]
    used = set(corpus.taken)
    born: list[Theme] = []
    founders: dict[str, str] = {}
    for at, found in enumerate(accepted):
        members = rows[found.rows]
        chosen = found.rows[choose_exemplars(members, config=memory)]
        shas = tuple(residue[row].sha for row in chosen)
        name = name_theme(
            [corpus.texts[residue[row].sha] for row in found.rows],
            centres[at],
            background=everywhere,
            encode=encode,
            others=np.stack(siblings[:at] + siblings[at + 1 :]) if len(siblings) > 1 else None,
            taken=used,
            config=naming,
        )
        used.add(name.label)
        born_id = theme_id("T", week, shas)
        typical = loosest_out(members, rows[chosen], config=memory)
        founders.update({residue[row].sha: born_id for row in found.rows[typical]})
        born.append(
            Theme(
                id=born_id,
                level="leaf",
                parent_id=None,
                label=name.label,
                label_reason=name.reason,
                terms=name.terms,
                exemplars=shas,
                threshold=calibrate(
                    members,
                    rows[chosen],
                    others=np.concatenate([np.delete(rows, found.rows, axis=0), exemplars]),
                    config=memory,
                ),
                born_week=week,
            )
        )
    return Births(tuple(born), founders, refused)


def theme_id(prefix: str, week: str, members: Sequence[str]) -> str:
    """A permanent id from what the theme was born of: the same birth gives the same id."""
    digest = hashlib.sha256("\n".join((prefix, week, *sorted(members))).encode()).hexdigest()
    return f"{prefix}-{digest[:10]}"


def _mean(rows: FloatArray) -> FloatArray:
    mean = rows.mean(axis=0)
    unit: FloatArray = (mean / np.linalg.norm(mean)).astype(np.float32)
    return unit
