"""The sum that made a score, line by line, and what would change the rank, by scoring anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nlp.causes.headline import headline
from nlp.causes.order import excess
from nlp.harm import weights_of
from nlp.records import Cause, CauseKind, Friction, RootCause
from nlp.score import ScoringConfig
from nlp.what_if import Change, changes, factors_of, needs

Sign = Literal["", "x", "/", "="]
_KINDS: tuple[CauseKind, ...] = ("said", "where", "when")
# Above this, a record and today's settings differ by more than rounding.
_APART = 1e-4


@dataclass(frozen=True, slots=True)
class Line:
    """One number of the sum. `sign`: how it enters the score; "" for the first and for parts.

    `of`: the line that a part makes, "" for the factors themselves.
    """

    name: str
    sign: Sign
    value: float | None
    low: float | None
    high: float | None
    why: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an item stands where it stands. `ranked`: how many items of its kind have a rank.

    `notes`: why there is no rank, and where settings were changed since the week was run.
    """

    id: str
    kind: Literal["root cause", "friction point"]
    title: str
    theme_id: str
    theme: str
    week: str
    state: str
    lines: tuple[Line, ...]
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    ranked: int
    top5_probability: float | None
    tied_with: tuple[str, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What people set for the item now: the effort with who says so, and the rules of the score."""

    effort: float
    effort_why: str
    scoring: ScoringConfig
    reach_weeks: int


def explain_root_cause(
    cause: RootCause,
    *,
    week: str,
    root_causes: Sequence[RootCause],
    pieces: Mapping[str, Cause],
    friction: Friction | None,
    setting: Setting,
) -> Explanation:
    """The sum of a root cause.

    Args:
        root_causes: all of the week, against which it is ranked.
        pieces: evidence by id.
        friction: the theme's own place; None when nobody mentioned it in the ranking window.
    """
    scoring = setting.scoring
    others = [one for one in root_causes if one.id != cause.id]
    known = [pieces[name] for name in cause.evidence if name in pieces]
    lines = [
        *_reach_lines(cause.reach, friction, setting),
        *_impact_lines(cause.impact, cause.impact_low, cause.impact_high, friction, scoring),
        *_avoidable_lines(cause, known, others),
        Line("confidence", "x", cause.confidence, None, None, _confidence_why(cause)),
        _effort_line(cause.effort, setting),
        Line("score", "=", cause.score, cause.score_low, cause.score_high, ""),
    ]
    expected = scoring.confidence_of(cause)
    return Explanation(
        id=cause.id,
        kind="root cause",
        title=headline(known) or cause.statement,
        theme_id=cause.theme_id,
        theme=friction.label if friction else "",
        week=week,
        state=cause.state,
        lines=tuple(lines),
        rank=cause.rank,
        rank_low=cause.rank_low,
        rank_high=cause.rank_high,
        ranked=sum(one.rank is not None for one in root_causes),
        top5_probability=cause.top5_probability,
        tied_with=cause.tied_with,
        changes=_cause_changes(cause, others, friction, setting),
        notes=_notes(cause.note, cause.impact, friction, expected - cause.confidence, scoring),
    )


def explain_friction(
    item: Friction,
    *,
    week: str,
    friction: Sequence[Friction],
    root_causes: Sequence[RootCause],
    setting: Setting,
) -> Explanation:
    """The sum of a friction point; `root_causes` are all of the week."""
    scoring = setting.scoring
    own = [one for one in root_causes if one.theme_id == item.theme_id]
    known = [one for one in own if one.state != "rejected"]
    best = min(known, key=lambda one: (-scoring.confidence_of(one), one.id), default=None)
    why = f"best known cause {best.id}: {_confidence_why(best)}" if best else "no cause is known"
    return Explanation(
        id=item.theme_id,
        kind="friction point",
        title=item.label,
        theme_id=item.theme_id,
        theme=item.label,
        week=week,
        state="",
        lines=(
            *_reach_lines(item.reach, item, setting),
            *_impact_lines(item.impact, item.impact_low, item.impact_high, item, scoring),
            Line("confidence", "x", item.confidence, None, None, why),
            _effort_line(item.effort, setting),
            Line("score", "=", item.score, item.score_low, item.score_high, ""),
            *_context_lines(item, friction),
        ),
        rank=item.rank,
        rank_low=item.rank_low,
        rank_high=item.rank_high,
        ranked=sum(one.rank is not None for one in friction),
        top5_probability=item.top5_probability,
        tied_with=item.tied_with,
        changes=_friction_changes(item, friction, best, setting),
        notes=_notes(
            item.note, item.impact, item, scoring.confidence(own) - item.confidence, scoring
        ),
    )


def _reach_lines(reach: int, friction: Friction | None, setting: Setting) -> list[Line]:
    why = f"customers who raised the theme in the last {setting.reach_weeks} weeks"
    low, high = (friction.reach_low, friction.reach_high) if friction else (None, None)
    return [Line("reach", "", reach, low, high, why)]


def _impact_lines(
    impact: float | None,
    low: float | None,
    high: float | None,
    friction: Friction | None,
    scoring: ScoringConfig,
) -> list[Line]:
    lines = [Line("impact", "x", impact, low, high, "harm that goes with one mention, 0 to 1")]
    if friction is None or impact is None or friction.loss is None:
        return lines
    again = friction.recontact_rate
    loss_weight, again_weight = _weights(again, scoring)
    why = f"weight {loss_weight:.4g}; of {friction.scored} scored customers, on the 0 to 1 scale"
    if friction.note and "impact taken" in friction.note:
        why = f"weight {loss_weight:.4g}; {friction.note}"
    gain = " (a gain counts as none)" if friction.loss < 0 else ""
    lines.append(
        Line(
            "score loss",
            "",
            friction.loss,
            friction.loss_low,
            friction.loss_high,
            why + gain,
            of="impact",
        )
    )
    told = "wrote of it again within two weeks" if again is not None else "nobody could be followed"
    lines.append(
        Line("recontact", "", again, None, None, f"weight {again_weight:.4g}; {told}", of="impact")
    )
    return lines


def _avoidable_lines(
    cause: RootCause, pieces: Sequence[Cause], others: Sequence[RootCause]
) -> list[Line]:
    why = "part of the theme that would go if the cause went and were the reason"
    if any(one.theme_id == cause.theme_id and one.state != "rejected" for one in others):
        why += "; mentions that other causes claim, too, are split"
    if cause.state == "rejected":
        why = "a rejected cause takes no credit"
    lines = [
        Line("avoidable", "x", cause.avoidable, cause.avoidable_low, cause.avoidable_high, why)
    ]
    for piece in sorted(pieces, key=lambda one: (_KINDS.index(one.kind), one.id)):
        share = f"{piece.customers} customers, {piece.share_of_theme:.0%} of the theme"
        beyond = ""
        if piece.lift is not None:
            beyond = (
                f", {excess(piece.lift):.0%} of it beyond the usual rate (lift {piece.lift:.3g})"
            )
        lines.append(
            Line(
                piece.kind,
                "",
                piece.share_of_theme * excess(piece.lift),
                None,
                None,
                f"{share}{beyond}: {piece.statement}",
                of="avoidable",
            )
        )
    parts = sum(line.value or 0.0 for line in lines[1:])
    if cause.state != "rejected" and abs(cause.avoidable - parts) > _APART:
        lines.append(
            Line(
                "shared, and other weeks",
                "",
                cause.avoidable - parts,
                None,
                None,
                "customers in several pieces count once, what other causes claim too is split, and "
                "the pieces count all weeks that causes are looked for in, the sum those ranked on",
                of="avoidable",
            )
        )
    return lines


def _effort_line(effort: float, setting: Setting) -> Line:
    since = ""
    if abs(effort - setting.effort) > _APART:
        since = f"as the week was run; now {setting.effort:.4g}, "
    return Line("effort", "/", effort, None, None, since + setting.effort_why)


def _context_lines(item: Friction, friction: Sequence[Friction]) -> list[Line]:
    """What does not enter the score, beside what the other themes have."""
    found = []
    rest = [one for one in friction if one.theme_id != item.theme_id]
    for name, value, values in (
        ("reopened", item.reopen_rate, [(one.reopen_rate, one.reach) for one in rest]),
        (
            "days to resolve",
            item.days_to_resolve,
            [(one.days_to_resolve, one.reach) for one in rest],
        ),
        ("revenue", item.revenue, []),
    ):
        if value is None:
            continue
        known = [(float(one), reach) for one, reach in values if one is not None and reach]
        why = "of the accounts that mention it, split over the themes each mentions"
        if name != "revenue":
            why = "nothing to compare with"
        if known:
            mean = sum(one * reach for one, reach in known) / sum(reach for _, reach in known)
            why = f"the other themes: {mean:.4g}, weighted by reach"
        found.append(Line(name, "", value, None, None, why, of="beside the score"))
    return found


def _confidence_why(cause: RootCause) -> str:
    if cause.state == "confirmed":
        return f"confirmed by {cause.decided_by or 'a person'}"
    kinds = " + ".join(kind for kind in _KINDS if kind in cause.kinds)
    if cause.independent == len(cause.kinds):
        many = cause.independent
        count = "one kind" if many == 1 else f"{many} independent kinds"
        return f"{count} of evidence: {kinds}"
    if cause.independent == 1:
        return f"one kind of evidence, as they are not independent: {kinds}"
    return f"{cause.independent} independent kinds of evidence among {kinds}"


def _notes(
    note: str,
    impact: float | None,
    friction: Friction | None,
    confidence_apart: float,
    scoring: ScoringConfig,
) -> tuple[str, ...]:
    notes = [note] if note else []
    weighed = impact
    if friction and friction.loss is not None and impact is not None:
        a, b = _weights(friction.recontact_rate, scoring)
        weighed = a * max(friction.loss, 0.0) + b * (friction.recontact_rate or 0.0)
    if abs((weighed or 0.0) - (impact or 0.0)) > _APART or abs(confidence_apart) > _APART:
        notes.append(
            "weights or verdicts were changed since: factors are as the week was run; the next run "
            "uses the new ones"
        )
    return tuple(notes)


def _weights(recontact: float | None, scoring: ScoringConfig) -> tuple[float, float]:
    return weights_of(
        recontact,
        score_weight=scoring.score_weight,
        recontact_weight=scoring.recontact_weight,
    )


def _cause_changes(
    cause: RootCause,
    others: Sequence[RootCause],
    friction: Friction | None,
    setting: Setting,
) -> tuple[Change, ...]:
    scoring = setting.scoring
    if cause.rank is None:
        reach = friction.reach if friction else 0
        return tuple(needs(cause.note, reach=reach, customers=cause.customers, scoring=scoring))
    surer: dict[str, float] = {}
    if cause.state != "confirmed":
        more = scoring.confidence_of(replace(cause, independent=cause.independent + 1))
        if more > cause.confidence:
            surer["with one more independent kind of evidence"] = more
        surer["confirmed by a person"] = scoring.confirmed
    found = changes(
        factors_of(cause),
        rivals=[
            one.score for one in others if one.score is not None and one.theme_id != cause.theme_id
        ],
        siblings=[
            one.score for one in others if one.score is not None and one.theme_id == cause.theme_id
        ],
        efforts=_efforts(cause.effort, setting),
        confidences=surer,
        reaches=(friction.reach_low, friction.reach_high) if friction else (),
        impacts=(cause.impact_low, cause.impact_high),
        avoidables=(cause.avoidable_low, cause.avoidable_high),
    )
    return (*found, Change("rejected by a person", None, None))


def _friction_changes(
    item: Friction, friction: Sequence[Friction], best: RootCause | None, setting: Setting
) -> tuple[Change, ...]:
    scoring = setting.scoring
    if item.rank is None:
        return tuple(needs(item.note, reach=item.reach, customers=None, scoring=scoring))
    surer: dict[str, float] = {}
    if best is None:
        surer["with one kind of evidence for a cause"] = scoring.by_evidence_kinds[1]
    elif best.state != "confirmed":
        surer[f"with {best.id} confirmed by a person"] = scoring.confirmed
    return tuple(
        changes(
            factors_of(item),
            rivals=[
                one.score
                for one in friction
                if one.score is not None and one.theme_id != item.theme_id
            ],
            efforts=_efforts(item.effort, setting),
            confidences=surer,
            reaches=(item.reach_low, item.reach_high),
            impacts=(item.impact_low, item.impact_high),
        )
    )


def _efforts(effort: float, setting: Setting) -> list[float]:
    """Half and double, and what people have said since the week was run."""
    since = {setting.effort} if abs(effort - setting.effort) > _APART else set()
    return sorted({effort / 2, effort * 2} | since)
