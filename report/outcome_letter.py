"""The outcome pack as a letter, and by it as HTML and Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.spoken_dates import spoken_month
from report import figures, wording
from report.document import Figure, Sentence
from report.letter import Item, Lead, Letter, Number, Said, Section, label, pairs, plain, quote
from report.outcome import Decided, Driver, Outcome, Voice
from report.outcome_wording import together_text, whole_clauses
from report.render_mail import render_mail
from report.render_text import render_chat_markdown
from report.week_letter import FOOT, cause_path, more, theme_path

_NO_PROOF = (
    "Numbers before and after a decision prove nothing: other causes may be at work, and what is "
    "decided on in a bad week often falls by itself."
)


def outcome_letter(outcome: Outcome) -> Letter:
    """The pack as a letter."""
    path = f"/weeks/{outcome.through}"
    weeks = wording.count(len(outcome.weeks), "week")
    partly = "" if outcome.whole else "; not all weeks of the month were run"
    if outcome.left_out:
        gone = wording.count(outcome.left_out, "message")
        partly += f"; {gone} left out, replaced since week {outcome.through} was run"
    compared = [line for one in outcome.earlier for line in one.compared]
    intro = ""
    if compared:
        together = max(line.numbers.comparisons for line in compared)
        intro = f"{_NO_PROOF} {together_text(together)}".strip()
    return Letter(
        title=f"Customer feedback, {spoken_month(outcome.month)}: outcome",
        subtitle=f"{weeks}, {figures.day(outcome.first_day)} to {figures.day(outcome.last_day)}"
        f"{partly}",
        path=path,
        leads=tuple(_lead(one, path) for one in outcome.sentences),
        numbers=tuple(map(_number, outcome.headline.figures)),
        series=outcome.volume if len(outcome.volume) > 1 else (),
        sections=(
            _decided(
                f"Decided in {spoken_month(outcome.month_before)}, and what became of it",
                outcome.earlier,
                intro=intro,
            ),
            _decided(f"Decided in {spoken_month(outcome.month)}", outcome.decided),
            Section(
                "Top drivers",
                intro=f"As ranked in week {outcome.through}."
                if outcome.drivers
                else "Not enough data yet to rank.",
                items=tuple(
                    _driver(one, any(other.rank_before for other in outcome.drivers))
                    for one in outcome.drivers
                ),
                more=more(outcome.ranked - len(outcome.drivers)),
                path=f"{path}#friction",
            ),
            Section(
                "In customers’ own words",
                intro="" if outcome.voices else "No themes yet.",
                items=tuple(map(_voice, outcome.voices)),
                more=more(outcome.themes_spoken_of - len(outcome.voices)),
                path="/themes",
            ),
        ),
        foot=f"{FOOT} Told from week {outcome.through}, input "
        f"{outcome.input_digest[:12] or 'unnamed'}, by Groundswell {outcome.code_version}.",
    )


def render_outcome_html(outcome: Outcome, *, server: str = "") -> str:
    """One self-contained HTML file that also reads well in mail."""
    return render_mail(outcome_letter(outcome), server=server, images="inside").html


def render_outcome_markdown(outcome: Outcome, *, server: str = "") -> str:
    """The pack as Markdown; hostile text stays text."""
    return render_chat_markdown(outcome_letter(outcome), server=server)


def _lead(one: Sentence, path: str) -> Lead:
    """Numbers and ranks stand on the week's page, decisions on the audit page."""
    places = {"numbers": f"{path}#numbers", "drivers": f"{path}#friction"}
    return Lead(plain(one.text), places.get(one.section, "/corrections"))


def _number(one: Figure) -> Number:
    before = (
        "" if one.before is None else f"; the month before it was {one.before:,.{one.decimals}f}"
    )
    return Number(one.name[:1].upper() + one.name[1:], figures.value(one), f"{one.meaning}{before}")


def _decided(title: str, made: Sequence[Decided], *, intro: str = "") -> Section:
    if not made:
        return Section(title, intro="No decisions.")
    return Section(title, intro=intro, items=tuple(map(_decision, made)))


def _decision(one: Decided) -> Item:
    lines = [f"Why: {plain(one.why)}"] if one.why else []
    lines += [figures.sentence(plain(text)) for text in one.happened]
    for found in one.compared:
        what = "The theme" if found.subject == "theme" else "The cause"
        lines.append(f"{what} {wording.name(plain(found.label), limit=90)}: {plain(found.text)}")
    if one.note:
        lines.append(figures.sentence(one.note))
    path = cause_path(one.cause_id) if one.cause_id else ""
    return Item(
        title=plain(one.text, limit=240),
        path=path or (theme_path(one.theme_id) if one.theme_id and one.label else ""),
        tags=(plain(one.standing, limit=160),),
        facts=pairs(
            [("By", one.who), ("On", figures.day(one.day)), ("Owner", one.owner)],
        ),
        lines=tuple(lines),
    )


def _driver(line: Driver, ranked_before: bool) -> Item:
    moved = "no rank the month before" if ranked_before else ""
    if line.rank_before is not None:
        moved = (
            "the same rank as the month before"
            if line.rank_before == line.rank
            else f"rank {line.rank_before} the month before"
        )
    return Item(
        title=label(line.label),
        path=theme_path(line.theme_id),
        mark=str(line.rank),
        tags=(moved,) if moved else (),
        facts=pairs(
            [
                ("Owner", line.owner or "no owner yet"),
                ("Reach", wording.count(line.reach, "customer")),
                ("Score", "" if line.score is None else figures.short(line.score)),
            ]
        ),
        lines=(
            f"Main cause: {whole_clauses(plain(line.cause, limit=1000), limit=240)} "
            f"({plain(line.strength, limit=240)})"
            if line.cause
            else "No cause stands out yet.",
        ),
    )


def _voice(line: Voice) -> Item:
    told = (
        f"{wording.count(line.customers, 'customer')} in "
        f"{wording.count(line.statements, 'statement')} this month, "
        f"{line.a_week:,.1f} customers a week"
    )
    if line.a_week_before is not None:
        told += f"; {line.a_week_before:,.1f} a week the month before"
    return Item(
        title=label(line.label),
        path=theme_path(line.theme_id),
        facts=pairs([("Owner", line.owner or "no owner yet")]),
        lines=(f"{told}.",),
        quotes=tuple(
            Said(quote(one.text), f"{wording.SOURCE_NAMES[one.kind]}, {one.week}")
            for one in line.quotes
        ),
    )
