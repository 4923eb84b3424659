"""Evidence of different kinds for one and the same cause, under an id that lasts over weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.causes.identity import heirs, holders, root_ids
from nlp.causes.independence import standing_of
from nlp.causes.links import DEFAULT, Footing, JoinConfig, contradict, find_links
from nlp.causes.names import Commonness, names_of
from nlp.causes.telling import tell
from nlp.population import Population
from nlp.records import Cause, CauseState, RootCause, Statement, Verdict


@dataclass(frozen=True, slots=True)
class _Judged:
    """Which pieces belong to a cause that a person judged: they stay together."""

    holder: Mapping[str, str]
    verdicts: Mapping[str, Verdict]

    def of(self, piece: Cause) -> str | None:
        name = self.holder.get(piece.id)
        return name if name in self.verdicts else None

    def rejected(self, piece: Cause) -> bool:
        name = self.of(piece)
        return name is not None and self.verdicts[name].state == "rejected"


@dataclass(frozen=True, slots=True)
class _Given:
    """What the joining of each theme looks at."""

    population: Population
    judged: _Judged
    commonness: Commonness
    statements: Mapping[str, Statement]
    config: JoinConfig


def join_causes(
    population: Population,
    causes: Sequence[Cause],
    *,
    week: str,
    known: Sequence[RootCause] = (),
    verdicts: Mapping[str, Verdict] | None = None,
    before: Sequence[Cause] = (),
    statements: Mapping[str, Statement] | None = None,
    config: JoinConfig = DEFAULT,
) -> tuple[RootCause, ...]:
    """Root causes of all themes, sorted by theme and id; every piece is in exactly one.

    Pieces of a theme are linked where their customers overlap beyond chance or their words name
    each other (`nlp.causes.links`); links are taken surest first, and two groups become one only if
    no piece of one contradicts a piece of the other (complete linkage), so that no chain takes all.
    What a person judged stays together; nothing new joins what was rejected, and two causes that
    were judged are never made one. The order of the input does not matter.

    Args:
        population: the feedback on which the pieces were found.
        causes: pieces of evidence.
        week: the week that is analysed.
        known: root causes of before, of any earlier week, whose ids are kept for the same cause;
            a piece that several hold should stand in the one that had it last.
        verdicts: root cause id -> what a person decided.
        before: pieces of the week before, by which a judged cause of a merged theme is known again.
        statements: by id; their clauses tell what the groups of `said` name. Without, the quote.
        config: thresholds.
    """
    decided = verdicts or {}
    by_theme: dict[str, list[Cause]] = {}
    for piece in sorted(causes, key=lambda one: one.id):
        by_theme.setdefault(piece.theme_id, []).append(piece)
    carried = heirs(
        causes,
        known,
        judged=decided.keys(),
        before=before,
        placed=_placed(population) if decided else {},
        config=config,
    )
    given = _Given(
        population=population,
        judged=_Judged(holders(known) | carried, decided),
        commonness=Commonness(population, config.names),
        statements=statements or {},
        config=config,
    )
    groups = [group for _, pieces in sorted(by_theme.items()) for group in _groups(given, pieces)]
    ids = root_ids(groups, known, judged=frozenset(decided), carried=carried, config=config)
    first = {one.id: one.first_week for one in known}
    row_of = _rows(population, statements or {})
    found = [
        _root_cause(
            population,
            row_of,
            group,
            name,
            first_week=first.get(name, week),
            verdict=decided.get(name),
            config=config,
        )
        for group, name in zip(groups, ids, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (one.theme_id, one.id)))


def _placed(population: Population) -> dict[str, set[str]]:
    """Theme id -> the statements in it."""
    found: dict[str, set[str]] = {}
    for (theme, _), names in population.statements.items():
        found.setdefault(theme, set()).update(names)
    return found


def _rows(population: Population, statements: Mapping[str, Statement]) -> dict[str, int]:
    """Statement id -> its feedback; of statements of no theme, too, where they are given."""
    place = {item.key: row for row, item in enumerate(population.feedback)}
    found = {name: row for (_, row), names in population.statements.items() for name in names}
    return found | {
        name: place[item.feedback_key]
        for name, item in statements.items()
        if item.feedback_key in place
    }


def _groups(given: _Given, pieces: Sequence[Cause]) -> list[list[Cause]]:
    """The pieces of one theme, in groups that speak of the same thing."""
    if len(pieces) == 1:
        return [list(pieces)]
    population, judged, config = given.population, given.judged, given.config
    theme = pieces[0].theme_id
    members = population.members.get(theme, np.zeros(0, dtype=np.int64))
    common = given.commonness.outside(members.tolist())
    customers = _customers(population, theme)
    footings = [
        Footing(
            piece=piece,
            customers=_behind(piece, customers),
            names=names_of(piece, common=common, statements=given.statements, config=config.names),
        )
        for piece in pieces
    ]
    total = population.distinct_customers(members)
    group_of = list(range(len(pieces)))
    groups = {at: [at] for at in group_of}

    def unite(one: int, other: int) -> None:
        for at in groups.pop(other):
            groups[one].append(at)
            group_of[at] = one

    together: dict[str, int] = {}
    for at, piece in enumerate(pieces):
        name = judged.of(piece)
        if name is not None and together.setdefault(name, at) != at:
            unite(together[name], at)
    for link in find_links(footings, customers=total, config=config):
        one, other = sorted((group_of[link.one], group_of[link.other]))
        if one != other and _may_join(
            [footings[at] for at in groups[one]],
            [footings[at] for at in groups[other]],
            judged,
            customers=total,
        ):
            unite(one, other)
    return [[pieces[at] for at in sorted(inside)] for inside in groups.values()]


def _customers(population: Population, theme: str) -> dict[str, int]:
    """Statement id -> customer, of what was said about the theme."""
    return {
        name: int(population.customers[row])
        for row in population.members.get(theme, np.zeros(0, dtype=np.int64)).tolist()
        for name in population.statements.get((theme, row), ())
    }


def _behind(piece: Cause, customers: Mapping[str, int]) -> frozenset[int]:
    return frozenset(customers[name] for name in piece.evidence_ids if name in customers)


def _may_join(
    ones: Sequence[Footing], others: Sequence[Footing], judged: _Judged, *, customers: int
) -> bool:
    inside = [*ones, *others]
    if any(judged.rejected(one.piece) for one in inside):
        return False
    if len({name for one in inside if (name := judged.of(one.piece)) is not None}) > 1:
        return False
    return not any(contradict(a, b, customers=customers) for a in ones for b in others)


def _root_cause(
    population: Population,
    row_of: Mapping[str, int],
    pieces: Sequence[Cause],
    name: str,
    *,
    first_week: str,
    verdict: Verdict | None,
    config: JoinConfig,
) -> RootCause:
    theme = pieces[0].theme_id
    evidence = frozenset(one for piece in pieces for one in piece.evidence_ids)
    members = population.members.get(theme, np.zeros(0, dtype=np.int64))
    # A burst may hold statements of other themes and of none: they count, but not as its share.
    behind = np.array(sorted({row_of[name] for name in evidence if name in row_of}), dtype=np.int64)
    customers = population.distinct_customers(behind)
    inside = population.distinct_customers(np.intersect1d(behind, members))
    total = population.distinct_customers(members)
    customers_of = _customers(population, theme)
    standing = standing_of(
        population,
        pieces,
        {piece.id: _behind(piece, customers_of) for piece in pieces},
        total=total,
        config=config,
    )
    state: CauseState = "corroborated" if standing.independent > 1 else "observed"
    return RootCause(
        id=name,
        theme_id=theme,
        statement=tell(
            pieces,
            repeated=standing.repeated,
            # What a person judged is together for that reason.
            named=() if verdict else standing.named,
        ),
        state=verdict.state if verdict else state,
        kinds=standing.kinds,
        independent=standing.independent,
        evidence=tuple(sorted(piece.id for piece in pieces)),
        customers=customers,
        statements=len(evidence),
        share_of_theme=round(inside / total, 6) if total else 0.0,
        evidence_ids=tuple(sorted(evidence)),
        first_week=first_week,
        exploratory=all(piece.exploratory for piece in pieces),
        decided_by=verdict.who if verdict else "",
        decision_note=verdict.note if verdict else "",
        decided_wording=verdict.wording if verdict else "",
    )
