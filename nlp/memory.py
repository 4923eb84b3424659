"""One week of theme memory: assign to what is known, give birth to what is new, record why.

`remember` is the whole theme engine as one pure function: the state after the week before and the
week's texts in, the state after this week out. It never looks at what it is not given, so a
backfill that gives it one week at a time has no look-ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nlp.births import NamingCorpus, SeedIntent, give_birth, reseed_themes, seed_themes
from nlp.corrected import born_by_people, corrected
from nlp.corrections import Corrections, NotApplied, Plan, plan
from nlp.discover import BirthConfig
from nlp.drift import DriftConfig, learned, witnesses
from nlp.duplicates import CopyConfig
from nlp.encoding import Encode
from nlp.exemplars import ExemplarConfig
from nlp.families import adopt
from nlp.found_view import found_view
from nlp.hierarchy import HierarchyConfig
from nlp.lifespan import LifespanConfig, awake, is_dormant, retire, revive
from nlp.namer import everywhere_said, family_namer, namer
from nlp.naming import NamingConfig
from nlp.neighbours import FloatArray
from nlp.one_thread import one_thread
from nlp.open_texts import inherited, open_texts_of
from nlp.records import Assignment, Feedback, Statement, Theme, ThemeEvent, text_sha
from nlp.registry import Placement, build_registry, place
from nlp.relabel import RelabelConfig, relabel_week
from nlp.teaching import TeachingConfig
from nlp.votes import ballot, residue_texts


@dataclass(frozen=True, slots=True)
class MemoryConfig:
    """Settings of the theme engine; one set of defaults for every corpus."""

    residue_weeks: int = 12  # how long an unthemed statement may still help a theme to be born
    copies: CopyConfig = field(default_factory=CopyConfig)
    exemplars: ExemplarConfig = field(default_factory=ExemplarConfig)
    births: BirthConfig = field(default_factory=BirthConfig)
    hierarchy: HierarchyConfig = field(default_factory=HierarchyConfig)
    naming: NamingConfig = field(default_factory=NamingConfig)
    relabel: RelabelConfig = field(default_factory=RelabelConfig)
    lifespan: LifespanConfig = field(default_factory=LifespanConfig)
    drift: DriftConfig = field(default_factory=DriftConfig)
    teaching: TeachingConfig = field(default_factory=TeachingConfig)


@dataclass(frozen=True, slots=True)
class Remembered:
    """The state of all themes after a week, and what changed."""

    themes: tuple[Theme, ...]
    assignments: tuple[Assignment, ...]
    events: tuple[ThemeEvent, ...]
    refused: tuple[tuple[int, str], ...]  # (texts, reason) of groups that were not born
    not_applied: tuple[NotApplied, ...] = ()  # corrections without effect this week, and why


_METHODS = {"leaf": "exemplars", "parent": "parent exemplars"}

Vectors = Callable[[Sequence[str]], FloatArray]


@one_thread
def remember(
    week: str,
    *,
    themes: Sequence[Theme],
    assigned: Mapping[str, Assignment],
    statements: Sequence[Statement],
    feedback: Mapping[str, Feedback],
    vectors: Vectors,
    encode: Encode,
    seeds: Sequence[SeedIntent] = (),
    corrections: Corrections | None = None,
    config: MemoryConfig | None = None,
) -> Remembered:
    """Assign the statements that have no leaf yet; find new themes among those that fit none.

    Args:
        week: the ISO week that is run; nothing given may be later.
        themes: the state after the week before.
        assigned: statement id -> where it stood then.
        statements: all statements up to this week.
        feedback: feedback key -> message, for weeks and customers.
        vectors: text digests -> unit rows, from the cache.
        encode: for label candidates and seed examples, which are short and few.
        seeds: described intents; each has a theme from the first run on.
        corrections: what people decided; the engine keeps to what it finds by itself, and they are
            applied to that anew every week.

    Returns:
        All themes, the assignments that are new or changed, and the week's theme events.
    """
    config = config or MemoryConfig()
    ordered = sorted(statements, key=lambda item: item.id)
    resolved = _resolver(corrections or Corrections(), ordered)
    decided = resolved(themes)
    before, stood = themes, assigned
    themes, assigned = found_view(themes, assigned, decided)
    state = {theme.id: theme for theme in themes}
    everywhere = everywhere_said(ordered, config.naming)
    name = namer(ordered, state, decided, everywhere, encode=encode, config=config.naming)
    events = _describe(week, state, seeds, encode=encode, config=config.exemplars)
    for theme in born_by_people(
        week, decided, existing=state, vectors=vectors, name=name, config=config.exemplars
    ):
        state[theme.id] = theme
    exemplar_vectors = _exemplar_vectors(tuple(state.values()), vectors, seeds, encode)

    open_texts = open_texts_of(
        week, ordered, assigned, feedback, weeks=_residue_weeks(state, config.residue_weeks)
    )
    shas = sorted(open_texts)
    rows = vectors(shas)
    # Dormant themes attract, too; nobody else is to be born of what they attract.
    registry = build_registry(awake(state.values()), exemplar_vectors)
    copied = inherited(ordered, assigned, frozenset(shas), registry)
    placements = dict(zip(shas, place(registry, rows, config=config.exemplars), strict=True))
    placements.update(copied)
    events.extend(_wake(week, state, open_texts, placements, feedback, config=config.lifespan))
    waiting = _waiting(placements, state)
    placements.update(waiting)

    residue = [
        index
        for index, sha in enumerate(shas)
        if placements[sha].state != "leaf" and sha not in waiting
    ]
    texts = {sha: found[0].text for sha, found in open_texts.items()}
    votes = ballot(texts, config=config.copies)
    unplaced = [shas[i] for i in residue]
    births = give_birth(
        week,
        residue_texts(unplaced, open_texts, feedback, votes, config=config.copies),
        rows[residue][votes.voters(unplaced)],
        registry,
        corpus=NamingCorpus(
            texts=texts,
            background=everywhere,
            taken=frozenset(theme.label for theme in (*state.values(), *before))
            | frozenset(decided.renames.values()),
        ),
        encode=encode,
        births=config.births,
        memory=config.exemplars,
        naming=config.naming,
    )
    for theme in births.themes:
        state[theme.id] = theme
        exemplar_vectors.update(dict(zip(theme.exemplars, vectors(theme.exemplars), strict=True)))
    adopted = adopt(
        week,
        state,
        exemplar_vectors,
        name=family_namer(ordered, state, decided, everywhere, encode=encode, config=config.naming),
        config=config.hierarchy,
        memory=config.exemplars,
        ended=decided.ends,
    )
    events.extend(adopted)
    events.extend(
        ThemeEvent(week, theme.id, "born", f"{theme.label}: {theme.label_reason}")
        for theme in births.themes
    )
    registry = build_registry(tuple(state.values()), exemplar_vectors)
    if births.themes or adopted:
        founders = votes.shared(unplaced, births.founders)
        again = place(registry, rows[residue], founders=founders, config=config.exemplars)
        placements.update({shas[i]: found for i, found in zip(residue, again, strict=True)})
    described = frozenset(text_sha(text) for seed in seeds for text in seed.examples)
    heard, stand = witnesses(
        week,
        ordered,
        assigned,
        feedback,
        placements=placements,
        texts=texts,
        known=exemplar_vectors.keys(),
        copies=config.copies,
        config=config.drift,
    )
    state.update(
        {
            theme.id: theme
            for theme in learned(
                registry,
                heard,
                vectors(heard),
                stand,
                described,
                memory=config.exemplars,
                config=config.drift,
            )
            if theme.id not in decided.pins
        }
    )
    assignments = _changed(ordered, assigned, placements, state, frozenset(waiting))
    now = {item.statement_id: item for item in assignments}
    events.extend(
        relabel_week(
            week,
            state,
            registry,
            statements=ordered,
            assigned=assigned,
            now=now,
            feedback=feedback,
            background=everywhere,
            encode=encode,
            taken={theme.label for theme in before} | {*decided.renames.values()},
            untold={*decided.renames, *decided.ends},
            pinned=decided.pins,
            naming=config.naming,
            config=config.relabel,
        )
    )
    ended, endings = retire(
        week,
        state,
        statements=ordered,
        assigned=lambda name: now.get(name) or assigned.get(name),
        feedback=feedback,
        # What others' statements were given to is heard through them, which the engine cannot see.
        kept=decided.kept,
        config=config.lifespan,
    )
    state.update({theme.id: theme for theme in ended})
    events.extend(endings)
    # Anew, since what was born this week may have been corrected, too: the week is run again then.
    decided = resolved(state.values())
    standing = corrected(
        week,
        decided,
        themes=state.values(),
        placed=assigned | now,
        before=before,
        stood=stood,
        statements=ordered,
        exemplars=_completed(exemplar_vectors, state.values(), vectors),
        vectors=vectors,
        name=name,
        memory=config.exemplars,
        teaching=config.teaching,
    )
    events.extend(standing.events)
    return Remembered(
        themes=standing.themes,
        assignments=tuple(row for name, row in standing.assigned.items() if row != stood.get(name)),
        events=tuple(sorted(events, key=lambda one: (one.theme_id, one.kind, one.detail))),
        refused=births.refused,
        not_applied=tuple(decided.not_applied),
    )


def _describe(
    week: str,
    state: dict[str, Theme],
    seeds: Sequence[SeedIntent],
    *,
    encode: Encode,
    config: ExemplarConfig,
) -> list[ThemeEvent]:
    """Themes are in `state` as people describe them now."""
    themes = tuple(state.values())
    known = frozenset(theme.seeded_by for theme in themes if theme.seeded_by)
    seeded = seed_themes(week, seeds, known, encode=encode, config=config)
    anew = reseed_themes(seeds, themes, encode=encode, config=config)
    state.update({theme.id: theme for theme in (*seeded, *anew)})
    return [ThemeEvent(week, theme.id, "seeded", theme.label_reason) for theme in seeded] + [
        ThemeEvent(week, theme.id, "described anew", theme.label) for theme in anew
    ]


def _resolver(
    corrections: Corrections, statements: Sequence[Statement]
) -> Callable[[Iterable[Theme]], Plan]:
    """The corrections against whatever themes there are by then."""
    if not corrections.made:
        return lambda _themes: Plan()
    texts = {item.sha for item in statements if item.noise is None}
    return lambda themes: plan(corrections, themes, texts.__contains__)


def _residue_weeks(state: Mapping[str, Theme], weeks: int) -> int | None:
    """Until the first themes are found, nothing is too old to help."""
    return weeks if any(not theme.seeded_by for theme in state.values()) else None


def _exemplar_vectors(
    themes: Sequence[Theme], vectors: Vectors, seeds: Sequence[SeedIntent], encode: Encode
) -> dict[str, FloatArray]:
    found: dict[str, FloatArray] = {}
    for seed in seeds:
        found.update(zip(map(text_sha, seed.examples), encode(seed.examples), strict=True))
    wanted = sorted({sha for theme in themes for sha in theme.exemplars} - found.keys())
    found.update(zip(wanted, vectors(wanted), strict=True))
    return found


def _completed(
    known: Mapping[str, FloatArray], themes: Iterable[Theme], vectors: Vectors
) -> dict[str, FloatArray]:
    """With the vectors of what themes have learnt this week."""
    gained = sorted({sha for theme in themes for sha in theme.exemplars} - known.keys())
    return dict(known) | dict(zip(gained, vectors(gained), strict=True))


def _wake(
    week: str,
    state: dict[str, Theme],
    open_texts: Mapping[str, Sequence[Statement]],
    placements: Mapping[str, Placement],
    feedback: Mapping[str, Feedback],
    *,
    config: LifespanConfig,
) -> list[ThemeEvent]:
    """Dormant themes that enough of this week's texts belong to are alive again in `state`."""
    attracted: dict[str, list[Statement]] = {}
    for sha, found in placements.items():
        if found.leaf is not None and is_dormant(state[found.leaf]):
            attracted.setdefault(found.leaf, []).extend(open_texts[sha])
    woken, events = revive(week, state, attracted, feedback, config=config)
    state.update({theme.id: theme for theme in woken})
    return events


def _waiting(
    placements: Mapping[str, Placement], state: Mapping[str, Theme]
) -> dict[str, Placement]:
    """The texts that a dormant theme attracts: they stand nowhere yet."""
    return {
        sha: Placement(None, None, "unthemed", found.score, found.confidence)
        for sha, found in placements.items()
        if found.leaf is not None and is_dormant(state[found.leaf])
    }


def _changed(
    ordered: Sequence[Statement],
    assigned: Mapping[str, Assignment],
    placements: Mapping[str, Placement],
    state: Mapping[str, Theme],
    waiting: frozenset[str],
) -> tuple[Assignment, ...]:
    changed: list[Assignment] = []
    for item in ordered:
        before = assigned.get(item.id)
        if item.noise is not None:
            now = Assignment(item.id, None, None, "noise", 1.0, item.noise)
        elif before is not None and before.theme_id is not None and before.theme_id in state:
            parent = state[before.theme_id].parent_id
            now = replace(before, parent_theme_id=parent)
        elif item.sha in placements:
            found = placements[item.sha]
            if (
                found.leaf is not None and found.leaf in state
            ):  # it may have found its parent since it was placed
                found = replace(found, parent=state[found.leaf].parent_id)
            method = "dormant" if item.sha in waiting else _METHODS.get(found.state, "none")
            now = Assignment(
                item.id, found.leaf, found.parent, found.state, round(found.confidence, 4), method
            )
        else:
            continue
        if now != before:
            changed.append(now)
    return tuple(changed)
