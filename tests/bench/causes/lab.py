"""The worlds that the rows share, and what Groundswell finds in each, made at most once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nlp.encoding import Encode, FloatArray
from nlp.impact import Impact
from nlp.records import Cause
from tests.bench.causes import engine
from tests.bench.causes.cutting import make_cut
from tests.bench.causes.families import Family
from tests.bench.causes.planting import NOISE, Recipe
from tests.bench.causes.wordings_dev import DEV
from tests.bench.causes.wordings_held import HELD
from tests.bench.causes.world import World, make_world, texts_by_label
from tests.bench.corpora import Corpus
from tests.bench.row import say

# Small corpora hold few plantings a world, so they get more worlds.
_THEMES_WANTED = 120
_MOST_WORLDS = 8
_SCORED_WORLDS = 10


@dataclass(slots=True, eq=False)
class Lab:
    """Corpora, encoder and seeds.

    `seeds`: least number of worlds of a corpus. `families`: the wordings that are planted.
    """

    corpora: Sequence[Corpus]
    encode: Encode
    seeds: int = 2
    families: tuple[Family, ...] = (*DEV, *HELD)
    recipe: Recipe = field(default_factory=Recipe)
    _worlds: dict[tuple[str, int, str], World] = field(default_factory=dict)
    _where: dict[str, tuple[Cause, ...]] = field(default_factory=dict)
    _when: dict[str, tuple[Cause, ...]] = field(default_factory=dict)
    _said: dict[str, tuple[Cause, ...]] = field(default_factory=dict)
    _impacts: dict[str, dict[str, Impact]] = field(default_factory=dict)

    def numbers(self, corpus: Corpus) -> range:
        """The seeds of a corpus."""
        large = sum(len(own) >= self.recipe.least for own in texts_by_label(corpus).values())
        wanted = -(-_THEMES_WANTED // max(1, large)) if self.seeds > 1 else 1
        return range(1, 1 + max(self.seeds, min(_MOST_WORLDS, wanted)))

    def mixed(self) -> Iterator[World]:
        """Worlds in which everything is planted beside noise."""
        for corpus in self.corpora:
            for seed in self.numbers(corpus):
                yield self._world(corpus, seed, "mixed")

    def noise(self, *, drift: bool = False) -> Iterator[World]:
        """Worlds without segments, onsets and stated reasons."""
        for corpus in self.corpora:
            for seed in range(1, 1 + self.seeds):
                yield self._world(corpus, seed, "drift" if drift else "noise")

    def scored(self, *, all_themed: bool) -> Iterator[World]:
        """Many worlds of losses and companions alone, in which every message has a theme or not.

        All losses of a world share the error of what they are compared with, so that a few worlds
        say little, however many themes they have.
        """
        for corpus in self.corpora:
            for seed in range(1, 1 + (2 if self.seeds == 1 else _SCORED_WORLDS)):
                yield self._world(corpus, seed, "all themed" if all_themed else "noise")

    def _world(self, corpus: Corpus, seed: int, kind: str) -> World:
        key = (corpus.name, seed, kind)
        if key not in self._worlds:
            say(f"world: {corpus.name}, seed {seed}, {kind}")
            recipe = self.recipe if kind == "mixed" else NOISE
            if kind == "all themed":
                recipe = replace(NOISE, unthemed=0.0)
            made = make_world(
                corpus,
                seed=seed,
                recipe=recipe,
                cut=make_cut() if kind == "mixed" else None,
                families=self.families,
                drift=kind == "drift",
            )
            self._worlds[key] = replace(made, name=f"{made.name} {kind}")
        return self._worlds[key]

    def where(self, world: World) -> tuple[Cause, ...]:
        """Segments found in a world."""
        if world.name not in self._where:
            self._where[world.name] = engine.find_where(world.population, world.themes)
        return self._where[world.name]

    def when(self, world: World) -> tuple[Cause, ...]:
        """Onsets found in a world."""
        if world.name not in self._when:
            self._when[world.name] = engine.find_when(
                world.population,
                world.themes,
                world.truth.events,
                world.until,
                found=self.where(world),
            )
        return self._when[world.name]

    def said(self, world: World) -> tuple[Cause, ...]:
        """Stated reasons found in a world."""
        if world.name not in self._said:
            vectors: Mapping[str, FloatArray] = engine.clause_vectors(world.statements, self.encode)
            self._said[world.name] = engine.find_said(
                world.population, world.statements, world.themes, vectors
            )
        return self._said[world.name]

    def impacts(self, world: World) -> dict[str, Impact]:
        """Score losses measured in a world."""
        if world.name not in self._impacts:
            self._impacts[world.name] = engine.find_impacts(world.population, world.themes)
        return self._impacts[world.name]

    def causes(self, world: World) -> tuple[Cause, ...]:
        """All pieces of evidence, in the order in which the weekly run passes them on."""
        found = [*self.said(world), *self.where(world), *self.when(world)]
        return tuple(sorted(found, key=lambda cause: (cause.theme_id, cause.kind, cause.id)))
