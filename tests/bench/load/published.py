"""What each week of a made-up company published: trends, causes, root causes, ranks, owners."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from labels.schema import Labels
from nlp.records import (
    Cause,
    CauseKind,
    Friction,
    OwnerMatch,
    RootCause,
    StageMatch,
    Trend,
    TrendStatus,
)
from nlp.weeks import monday
from tests.bench.load.world import IntArray, World

_KINDS: tuple[CauseKind, ...] = get_args(CauseKind)
_REACH_WEEKS, _CAUSE_WEEKS = 8, 12
_EVIDENCE = 30  # statements behind a piece
_TOLD = 0.4  # of the leaves have causes in a week
_LEAST = 5  # customers before a rank


@dataclass(frozen=True, slots=True)
class Publication:
    """All records of one week."""

    week: str
    trends: list[Trend]
    causes: list[Cause]
    root_causes: list[RootCause]
    friction: list[Friction]


def matches(world: World, labels: Labels) -> tuple[dict[str, OwnerMatch], dict[str, StageMatch]]:
    """Owner and stage of every theme, the same in all weeks."""
    owners, stages = {}, {}
    for at, name in enumerate([*world.parent_ids, *world.leaf_ids]):
        owner = labels.owners[at % len(labels.owners)]
        stage = labels.stages[at // 3 % len(labels.stages)]
        unsure = at % 23 == 0
        owners[name] = OwnerMatch(
            owner.id,
            owner.name,
            "fallback" if unsure else "meaning",
            f"nearest responsibility: {owner.owns[0] if owner.owns else owner.name}",
            0.2 if unsure else 0.7,
            unsure,
        )
        stages[name] = StageMatch(stage.id, stage.name, "nearest stage by meaning", 0.6)
    return owners, stages


class Publisher:
    """Publishes the weeks of a world one after the other."""

    def __init__(self, world: World, labels: Labels) -> None:
        self.world = world
        self.owners, self.stages = matches(world, labels)
        self.when = world.week[world.owner]
        self.who = world.customer[world.owner]
        self.themed = world.state == 0
        weeks, leaves = world.size.weeks, len(world.leaf_ids)
        told = np.flatnonzero(self.themed)
        cell = self.when[told] * leaves + world.leaf[told]
        self.statements = np.bincount(cell, minlength=weeks * leaves).reshape(weeks, leaves)
        people = np.unique(cell * world.size.customers + self.who[told]) // world.size.customers
        self.customers = np.bincount(people, minlength=weeks * leaves).reshape(weeks, leaves)
        self.order = np.lexsort((self.when, world.leaf))
        self.order = self.order[self.themed[self.order]]

    def publish(self, week: int) -> Publication:
        """One week."""
        causes, root_causes = self._causes(week)
        return Publication(
            week=self.world.weeks[week],
            trends=self._trends(week),
            causes=causes,
            root_causes=root_causes,
            friction=self._friction(week, causes, root_causes),
        )

    def _trends(self, week: int) -> list[Trend]:
        world, found = self.world, []
        before = self.customers[max(0, week - _REACH_WEEKS) : week]
        usual = before.mean(axis=0) if len(before) else np.zeros(len(world.leaf_ids))
        rank = 0
        for leaf in np.argsort(-self.customers[week], kind="stable").tolist():
            if world.born[leaf] > week:
                continue
            now = int(self.customers[week, leaf])
            ratio = round((now + 0.5) / (float(usual[leaf]) + 0.5), 4)
            status: TrendStatus = "steady"
            if max(now, usual[leaf]) < _LEAST:
                status = "not enough data"
            elif ratio > 2.2:
                status = "rising"
            elif ratio < 0.35:
                status = "falling"
            elif world.born[leaf] == week and week:
                status = "new"
            told = status != "not enough data"
            rank += told
            found.append(
                Trend(
                    week=world.weeks[week],
                    theme_id=world.leaf_ids[leaf],
                    label=world.label(leaf),
                    status=status,
                    statements=int(self.statements[week, leaf]),
                    customers=now,
                    rate_ratio=ratio if told else None,
                    ratio_low=round(ratio * 0.7, 4) if told else None,
                    ratio_high=round(ratio * 1.4, 4) if told else None,
                    q_value=round(min(1.0, 0.3 / (0.1 + abs(np.log(ratio)))), 5) if told else None,
                    rank=rank if told else None,
                    three_months=bool(now > 8),
                )
            )
        return found

    def _said(self, leaf: int, week: int) -> IntArray:
        """Statements of a leaf in the quarter up to a week."""
        first, last = np.searchsorted(self.world.leaf[self.order], [leaf, leaf + 1])
        rows = self.order[first:last]
        when = self.when[rows]
        inside: IntArray = rows[(when <= week) & (when > week - _CAUSE_WEEKS)]
        return inside

    def _causes(self, week: int) -> tuple[list[Cause], list[RootCause]]:
        world = self.world
        causes: list[Cause] = []
        drafts: list[tuple[float, RootCause]] = []
        quarter = self.customers[max(0, week + 1 - _CAUSE_WEEKS) : week + 1].sum(axis=0)
        told = np.argsort(-quarter, kind="stable")[: int(len(world.leaf_ids) * _TOLD)]
        for leaf in told.tolist():
            rows = self._said(leaf, week)
            if rows.size < _LEAST:
                continue
            for number in range(1 + leaf % 2):
                pieces = [
                    self._piece(leaf, number * 3 + kind, rows, week) for kind in range(1 + leaf % 3)
                ]
                causes.extend(pieces)
                drafts.append(self._root_cause(leaf, number, pieces, int(quarter[leaf]), week))
        drafts.sort(key=lambda pair: (-pair[0], pair[1].id))
        return causes, [
            _ranked(one, rank, score) for rank, (score, one) in enumerate(drafts, start=1)
        ]

    def _piece(self, leaf: int, number: int, rows: IntArray, week: int) -> Cause:
        world = self.world
        kind = _KINDS[(leaf + number) % len(_KINDS)]
        shown = rows[number :: max(1, rows.size // _EVIDENCE)][:_EVIDENCE]
        plan = ("Free", "Starter", "Pro", "Enterprise")[(leaf + number) % 4]
        change = f"of change {leaf % 7 + 1}.{number % 5}"
        people = int(np.unique(self.who[shown]).size)
        statement = {
            "said": f'Customers say: "{change}"',
            "where": f"plan is {plan} (1.8 times as frequent)",
            "when": f"more since {monday(world.weeks[week]).isoformat()}",
        }[kind]
        lift = round(1.3 + (leaf % 13) / 6, 4)
        return Cause(
            id=f"C-{leaf:05x}{number:05x}",
            theme_id=world.leaf_ids[leaf],
            kind=kind,
            statement=statement,
            customers=people,
            statements=int(shown.size),
            share_of_theme=round(shown.size / rows.size, 6),
            evidence_ids=tuple(sorted(world.statement_id(int(at)) for at in shown)),
            conditions=(("plan", plan),) if kind == "where" else (),
            onset=monday(world.weeks[week]) - dt.timedelta(10) if kind == "when" else None,
            event="release 4.2" if kind == "when" else None,
            lift=None if kind == "said" else lift,
            lift_low=None if kind == "said" else round(lift * 0.7, 4),
            lift_high=None if kind == "said" else round(lift * 1.5, 4),
            q_value=None if kind == "said" else 0.02,
            rank=number + 1,
        )

    def _root_cause(
        self, leaf: int, number: int, pieces: list[Cause], reach: int, week: int
    ) -> tuple[float, RootCause]:
        world = self.world
        ids = tuple(sorted({name for piece in pieces for name in piece.evidence_ids}))
        kinds = tuple(kind for kind in _KINDS if any(piece.kind == kind for piece in pieces))
        impact, share = round(float(world.harm[leaf]), 6), round(0.2 + leaf % 7 / 10, 6)
        confidence = (0.7, 0.85, 1.0)[min(len(kinds), 3) - 1]
        score = round(reach * impact * share * confidence, 6)
        return score, RootCause(
            id=f"R-{leaf:05x}{number:05x}",
            theme_id=world.leaf_ids[leaf],
            statement=", ".join(piece.statement for piece in pieces),
            state="corroborated" if len(kinds) > 1 else "observed",
            kinds=kinds,
            evidence=tuple(piece.id for piece in pieces),
            customers=max(piece.customers for piece in pieces),
            statements=len(ids),
            share_of_theme=max(piece.share_of_theme for piece in pieces),
            evidence_ids=ids,
            first_week=world.weeks[max(int(world.born[leaf]), week - leaf % 20)],
            trend="steady",
            trend_ratio=1.1,
            trend_low=0.8,
            trend_high=1.5,
            trend_q=0.4,
            reach=reach,
            reach_low=int(reach * 0.8),
            reach_high=int(reach * 1.2),
            impact=impact,
            impact_low=round(impact * 0.7, 6),
            impact_high=round(impact * 1.3, 6),
            avoidable=share,
            avoidable_low=round(share * 0.7, 6),
            avoidable_high=round(min(1.0, share * 1.3), 6),
            confidence=confidence,
            independent=len(kinds),
        )

    def _friction(
        self, week: int, causes: list[Cause], root_causes: list[RootCause]
    ) -> list[Friction]:
        world = self.world
        inside = self.themed & (self.when <= week) & (self.when > week - _REACH_WEEKS)
        pairs = np.unique(world.leaf[inside] * world.size.customers + self.who[inside])
        reach = np.bincount(pairs // world.size.customers, minlength=len(world.leaf_ids))
        sure = {one.theme_id: one.confidence for one in reversed(root_causes)}
        top: dict[str, list[str]] = {}
        for piece in causes:
            top.setdefault(piece.theme_id, []).append(piece.id)
        scored = sorted(
            (-round(int(reach[leaf]) * float(world.harm[leaf]), 6), leaf)
            for leaf in np.flatnonzero(reach >= _LEAST).tolist()
        )
        places = {leaf: rank for rank, (_, leaf) in enumerate(scored, start=1)}
        found = []
        for leaf in np.flatnonzero(reach).tolist():
            name, rank = world.leaf_ids[leaf], places.get(leaf)
            impact = round(float(world.harm[leaf]), 6)
            confidence = sure.get(name, 0.5)
            score = None if rank is None else round(int(reach[leaf]) * impact * confidence, 6)
            found.append(
                Friction(
                    theme_id=name,
                    label=world.label(leaf),
                    owner=self.owners[name].owner_name,
                    journey_stage=self.stages[name].stage_name,
                    reach=int(reach[leaf]),
                    impact=impact if rank else None,
                    impact_low=round(impact * 0.8, 6) if rank else None,
                    impact_high=round(impact * 1.2, 6) if rank else None,
                    confidence=confidence,
                    effort=1.0,
                    score=score,
                    rank=rank,
                    rank_low=max(1, rank - 3) if rank else None,
                    rank_high=rank + 4 if rank else None,
                    top5_probability=round(1 / rank, 6) if rank else None,
                    tied_with=tuple(world.leaf_ids[other] for _, other in scored[rank : rank + 3])
                    if rank
                    else (),
                    top_causes=tuple(top.get(name, ())[:3]),
                    note="" if rank else "not enough data",
                    reach_low=int(reach[leaf] * 0.8) if rank else None,
                    reach_high=int(reach[leaf] * 1.2) if rank else None,
                    score_low=None if score is None else round(score * 0.7, 6),
                    score_high=None if score is None else round(score * 1.3, 6),
                    loss=impact if rank else None,
                    scored=int(reach[leaf]) // 3,
                    recontact_rate=0.1,
                )
            )
        return found


def _ranked(one: RootCause, rank: int, score: float) -> RootCause:
    return replace(
        one,
        score=score,
        score_low=round(score * 0.6, 6),
        score_high=round(score * 1.4, 6),
        rank=rank,
        rank_low=max(1, rank - 4),
        rank_high=rank + 5,
        top5_probability=round(1 / rank, 6),
    )
