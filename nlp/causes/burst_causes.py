"""Bursts as evidence of causes: found once, then remembered by their middle and followed.

Each is a "when" of its theme: since a day, so many customers say much the same. In later weeks the
statements near its middle join it, for as long as its onset lies in the weeks looked at.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp.causes.bursts import Burst
from nlp.causes.event_near import NEAR, EventWindow, events_spoken_of, named_days
from nlp.causes.when_wording import events_told
from nlp.fdr import benjamini_hochberg
from nlp.memory import Vectors
from nlp.population import IntArray, Population
from nlp.rates import mid_p, shrunken_ratio
from nlp.records import Cause, DatedEvent, Statement
from nlp.series import customers_a_week, week_columns
from nlp.telling_words import telling_words, word_counts
from nlp.weeks import sunday, week_of

# What joins later stands no further from the middle than three quarters of the burst itself and a
# third more, since the scan took the nearest; but never further than .65: without this bound, a
# cause of 14 customers grew to 46 in six weeks. With it the crashes of one bug (5 customers in the
# week of the burst, 7 and 8 two and three weeks later, 1 or 2 in others) were followed.
_SLACK = 1.3
# Within the radius the week of the burst must stand out surely, or what joins later is anything.
_LEAST_LIFT = 1.5
_LEAST_COSINE = 0.65
_LEAST_AGAIN = 3  # customers; as many as a burst needs
# What is called up again is read as a second incident, and followed bursts are tested week after
# week: one in fifty by chance. (At 0.05, a heap of long complaints came up again every other week.)
_MAX_Q = 0.02
_QUOTE = 160  # characters


@dataclass(frozen=True, slots=True)
class _Scene:
    """What every burst is told from: the statements of the weeks looked at, in order of their ids.

    row: which feedback each belongs to; vectors: unit rows; place: id -> its position. weeks, and
    the customers of all feedback in each; column: the week of each feedback.
    """

    population: Population
    statements: Mapping[str, Statement]
    until: dt.date
    ids: tuple[str, ...]
    row: IntArray
    vectors: np.typing.NDArray[np.float32]
    place: Mapping[str, int]
    weeks: tuple[str, ...]
    column: IntArray
    everyone: IntArray

    def rows(self, names: Iterable[str]) -> IntArray:
        """The feedback behind statements, each once."""
        return np.unique(self.row[[self.place[name] for name in sorted(names)]])

    def cosines(self, centre: str) -> np.typing.NDArray[np.float32]:
        """Nearness of every statement to one."""
        return np.asarray((self.vectors @ self.vectors[self.place[centre]]).round(5))

    def against_others(
        self, rows: IntArray, week: str, *, without: str = ""
    ) -> tuple[float, float, float]:
        """Customers of some feedback in a week, in the others, and its share of all customers.

        A customer counts once a week; `without`: a week that takes no part.
        """
        at = self.weeks.index(week)
        others = [n for n, name in enumerate(self.weeks) if name not in {week, without}]
        mine = customers_a_week(self.population, rows, self.column, len(self.weeks))
        here, usual = float(self.everyone[at]), float(self.everyone[others].sum())
        return float(mine[at]), float(mine[others].sum()), here / max(here + usual, 1.0)


@dataclass(frozen=True, slots=True)
class BurstCauses:
    """The pieces, sorted by theme and id, and which of them burst in this very week, with its p."""

    causes: tuple[Cause, ...]
    fresh: Mapping[str, float]


def burst_causes(
    population: Population,
    statements: Mapping[str, Statement],
    bursts: Sequence[Burst],
    *,
    themes: Sequence[str],
    known: Sequence[Cause],
    week: str,
    events: Sequence[DatedEvent],
    vectors: Vectors,
    near: EventWindow = NEAR,
) -> BurstCauses:
    """The week's bursts and those of before that are still in sight, as pieces of evidence.

    A burst stands in the theme that most of its statements are in; one whose statements are in none
    is not told (its statements wait for a theme of their own). One that mostly consists of what a
    known one has by now is that one again.

    Args:
        population: feedback of the weeks that causes are looked for in.
        statements: id -> statement.
        themes: leaf themes that live.
        known: the pieces of the week before; those with a `centre` are followed.
        events: dated events, of which those near the onset are named.
    """
    scene = _laid_out(population, statements, vectors, week=week)
    followed = {
        piece.id: piece
        for piece in known
        if piece.centre in scene.place and piece.onset is not None and piece.theme_id in themes
    }
    inside = {name: _members(scene, piece) for name, piece in followed.items()}
    fresh = _risen(scene, followed, week)
    begun: dict[str, Cause] = {}
    for burst in bursts:
        said = set(burst.statements)
        again = [name for name in followed if 2 * len(said & inside[name]) > len(said)]
        if again:
            name = min(again, key=lambda one: (-len(said & inside[one]), one))
            fresh[name] = min(burst.p_value, fresh.get(name, 1.0))
            inside[name] |= said
            continue
        theme = _theme_of(population, burst.statements, frozenset(themes))
        if theme is None:
            continue
        piece = _begun(scene, burst, theme, week)
        if piece.id not in followed:
            begun[piece.id], inside[piece.id] = piece, said
            fresh.setdefault(piece.id, burst.p_value)
    told = followed | begun
    everywhere = word_counts(statements[name].text for name in (scene.ids if told else ()))
    causes = [
        _told(scene, piece, inside[name], everywhere=everywhere, events=events, near=near)
        for name, piece in told.items()
    ]
    return BurstCauses(tuple(sorted(causes, key=lambda one: (one.theme_id, one.id))), fresh)


def _laid_out(
    population: Population,
    statements: Mapping[str, Statement],
    vectors: Vectors,
    *,
    week: str,
) -> _Scene:
    row_of = {item.key: row for row, item in enumerate(population.feedback)}
    ids = sorted(
        name
        for name, item in statements.items()
        if item.noise is None and item.feedback_key in row_of
    )
    weeks = tuple(sorted({week, *population.weeks}))
    column = week_columns(population, weeks)
    return _Scene(
        population,
        statements,
        sunday(week),
        tuple(ids),
        np.array([row_of[statements[name].feedback_key] for name in ids], dtype=np.int64),
        vectors([statements[name].sha for name in ids]),
        {name: at for at, name in enumerate(ids)},
        weeks,
        column,
        customers_a_week(population, np.arange(len(population)), column, len(weeks)),
    )


def _members(scene: _Scene, piece: Cause) -> set[str]:
    """The statements since the onset that stand near its middle, and those it had."""
    assert piece.centre is not None
    assert piece.onset is not None
    since = scene.population.days[scene.row] >= piece.onset.toordinal()
    near = np.flatnonzero(since & (scene.cosines(piece.centre) >= (piece.cosine or _LEAST_COSINE)))
    return {scene.ids[at] for at in near.tolist()} | {
        name for name in piece.evidence_ids if name in scene.place
    }


def _risen(scene: _Scene, followed: Mapping[str, Cause], week: str) -> dict[str, float]:
    """Bursts of before that are up again this week: piece id -> false discovery rate.

    Customers near the middle this week against the other weeks, but for the one the burst was
    found in: it was chosen for its height. Upper mid-p; one rate over all that are followed.
    """
    names, p_values = [], []
    for name, piece in sorted(followed.items()):
        assert piece.centre is not None
        assert piece.onset is not None
        if week_of(piece.onset) == week:
            continue
        near = np.unique(scene.row[scene.cosines(piece.centre) >= (piece.cosine or _LEAST_COSINE)])
        now, before, share = scene.against_others(near, week, without=week_of(piece.onset))
        if now < _LEAST_AGAIN or share >= 1.0:
            continue
        upper, _ = mid_p(np.array([now]), np.array([now + before]), np.array([share]))
        names.append(name)
        p_values.append(float(upper[0]))
    q = benjamini_hochberg(np.array(p_values, dtype=np.float64))
    return {name: float(f"{one:.6g}") for name, one in zip(names, q, strict=True) if one <= _MAX_Q}


def _theme_of(population: Population, said: Sequence[str], themes: frozenset[str]) -> str | None:
    votes: Counter[str] = Counter()
    wanted = set(said)
    for (theme, _), ids in population.statements.items():
        if theme in themes:
            votes[theme] += len(wanted.intersection(ids))
    best = min(votes, key=lambda one: (-votes[one], one), default=None)
    return best if best is not None and votes[best] else None


def _begun(scene: _Scene, burst: Burst, theme: str, week: str) -> Cause:
    cosines = scene.cosines(burst.statements[0])
    near = np.sort([cosines[scene.place[name]] for name in burst.statements[1:]])
    told = json.dumps([theme, "burst", week, scene.statements[burst.statements[0]].sha])
    return Cause(
        id="C-" + hashlib.sha256(told.encode()).hexdigest()[:10],
        theme_id=theme,
        kind="when",
        statement="",
        customers=burst.customers,
        statements=len(burst.statements),
        share_of_theme=0.0,
        evidence_ids=burst.statements,
        onset=dt.date.fromordinal(int(scene.population.days[scene.rows(burst.statements)].min())),
        lift=burst.ratio,
        lift_low=burst.low,
        lift_high=burst.high,
        q_value=burst.p_value,
        centre=burst.statements[0],
        cosine=_radius(scene, burst, float(near[near.size // 4]), week),
    )


def _radius(scene: _Scene, burst: Burst, quartile: float, week: str) -> float:
    """How near the middle later statements must be: the widest that still tells the week apart.

    1, so that nothing joins, where the middle is one of those that much is near to.
    """
    cosines = scene.cosines(burst.statements[0])
    for cosine in (1.0 - _SLACK * (1.0 - quartile), quartile):
        radius = round(max(cosine, _LEAST_COSINE), 5)
        now, before, share = scene.against_others(np.unique(scene.row[cosines >= radius]), week)
        found = shrunken_ratio(
            np.array([now]), np.array([before]), np.array([min(share, 1.0 - 1e-9)])
        )
        if float(found.low[0]) >= _LEAST_LIFT:
            return radius
    return 1.0


def _told(
    scene: _Scene,
    piece: Cause,
    said: set[str],
    *,
    everywhere: Mapping[str, int],
    events: Sequence[DatedEvent],
    near: EventWindow,
) -> Cause:
    """The piece with its numbers as of this week. `everywhere`: words of all statements."""
    assert piece.centre is not None
    assert piece.onset is not None
    population, rows = scene.population, scene.rows(said)
    customers = population.distinct_customers(rows)
    members = population.members.get(piece.theme_id, np.zeros(0, dtype=np.int64))
    total = population.distinct_customers(members)
    mine = population.distinct_customers(np.intersect1d(rows, members))
    texts = [scene.statements[name].text for name in sorted(said)]
    words = telling_words(texts, everywhere, len(scene.ids))
    spoken = {*words, *word_counts([scene.statements[piece.centre].text])}
    about = events_spoken_of(piece.onset, events, until=scene.until, words=spoken, window=near)
    return replace(
        piece,
        statement=(
            f"since {piece.onset} ({events_told(piece.onset, about)}): "
            f"{customers} customers say much the same, in the week it began at least "
            f"{piece.lift_low:.1f} times as many as usual (95% sure): "
            f'"{_quoted(scene.statements[piece.centre].text)}"'
            + (f"; words that tell it: {', '.join(words)}" if words else "")
        ),
        customers=customers,
        statements=len(said),
        share_of_theme=round(mine / total, 6) if total else 0.0,
        evidence_ids=tuple(sorted(said)),
        event=f"{about[0].kind}: {about[0].name}" if about else None,
        events=named_days(about),
    )


def _quoted(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _QUOTE else words[:_QUOTE].rsplit(" ", 1)[0] + " …"
