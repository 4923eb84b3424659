"""The columns of every export: the contract that EXPORTS.md is generated from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Noun = Literal[
    "feedback",
    "statements",
    "assignments",
    "themes",
    "trends",
    "owners",
    "causes",
    "root-causes",
    "friction",
    "lineage",
    "quarantine",
]
ColumnType = Literal["text", "integer", "number", "boolean", "time", "date", "json"]

NOUNS: tuple[Noun, ...] = get_args(Noun)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type and what it says. Every column may be empty."""

    name: str
    type: ColumnType
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """One export: what a row is, in which order rows come, and the columns in their order.

    `needs_run` is False for what exists before the first run.
    """

    row: str
    order: str
    columns: tuple[Column, ...]
    needs_run: bool = True


def _table(row: str, order: str, columns: str, *, needs_run: bool = True) -> Table:
    """Reads columns from lines of `name type description`."""
    read = [line.split(maxsplit=2) for line in columns.strip().splitlines()]
    return Table(
        row=row,
        order=order,
        columns=tuple(Column(name, _type(kind), text) for name, kind, text in read),
        needs_run=needs_run,
    )


def _type(name: str) -> ColumnType:
    for known in get_args(ColumnType):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise ValueError(f"{name!r} is no column type")


TABLES: dict[Noun, Table] = {
    "feedback": _table(
        "one message as it is stored: cleaned, redacted",
        "source, id",
        """
        id text The id in its source
        source text Where it came from; (source, id) is unique
        kind text ticket, survey, call_note or review
        text text The message, with personal data replaced by placeholders
        created_at time When it was written, UTC
        week text ISO week of created_at in the configured zone
        day date Date of created_at in the configured zone
        customer_id text Who wrote it; a keyed hash when a secret is configured
        account_id text The customer's account; a keyed hash when a secret is configured
        score number The score as given
        score_kind text nps (0-10), csat (1-5) or ces (1-7)
        revenue number What the customer pays, as given
        resolved_at time When it was resolved, UTC
        reopened boolean Whether it was opened again
        channel text Channel, as given
        language text Language, as given or recognised
        attributes json Every further column, name to value
        """,
        needs_run=False,
    ),
    "statements": _table(
        "one point of one message",
        "source, feedback_id, statement_no",
        """
        statement_id text source/feedback_id#statement_no
        feedback_id text The message's id in its source
        source text The message's source
        kind text The message's kind
        created_at time When the message was written, UTC
        week text The message's ISO week
        statement_no integer Place within the message
        statement text The statement
        noise text Why it takes no part in themes; empty when it does
        clauses json Reasons found inside it: text, connective, relation, start, end
        """,
        needs_run=False,
    ),
    "assignments": _table(
        "one statement and where it stands",
        "source, feedback_id, statement_no",
        """
        feedback_id text The message's id in its source
        source text The message's source
        kind text The message's kind
        created_at time When the message was written, UTC
        week text The message's ISO week
        statement_no integer Place within the message
        statement text The statement
        theme_id text The leaf theme; empty unless state is leaf
        parent_theme_id text The parent theme; empty when there is none
        state text leaf, parent, unthemed or noise
        confidence number How sure the assignment is, 0 to 1
        method text How it came about
        """,
    ),
    "themes": _table(
        "one theme",
        "theme_id",
        """
        theme_id text Permanent id
        parent_theme_id text The theme above it; empty for a parent
        label text Name in customers' words
        born_week text The week it was first published
        retired_week text The week it fell silent, or a person ended it; empty while it lives
        statements integer Statements in it so far (a parent's include its leaves')
        customers integer Distinct customers behind them
        owner text Who owns it
        owner_reason text Why that owner
        owner_confidence number How sure, 0 to 1
        journey_stage text The journey stage it belongs to
        mean_score number Mean score of its messages, each put on 0 (worst) to 1 (best)
        exemplars json Up to five texts that say best what it means, the most typical first
        level text leaf or parent
        owner_needs_confirmation boolean Whether a person should confirm the owner
        label_reason text Why that label
        """,
    ),
    "trends": _table(
        "one theme in one week, of every published week up to the one asked for",
        "week, theme_id",
        """
        week text ISO week
        theme_id text The theme
        label text Its name in that week
        status text new, rising, falling, steady or not enough data
        statements integer Statements in that week
        customers integer Distinct customers in that week
        rate_ratio number Rate against its own recent weeks, total volume as exposure
        ratio_low number Lower end of the ratio's interval
        ratio_high number Upper end of the ratio's interval
        q_value number False discovery rate at which it would be reported
        rank integer Place among the week's movements
        three_months boolean Whether it has been present for three months running
        """,
    ),
    "owners": _table(
        "one theme and who owns it",
        "theme_id",
        """
        theme_id text The theme
        label text Its name
        owner_id text Id of the owner in labels/owners.yaml
        owner text Name of the owner
        method text decision, rule, meaning, stage or fallback
        reason text Why that owner
        confidence number How sure, 0 to 1
        needs_confirmation boolean Whether a person should confirm it
        journey_stage text The theme's journey stage
        journey_reason text Why that stage
        """,
    ),
    "causes": _table(
        "one piece of evidence for why a theme happens",
        "rank (empty ones last), cause_id",
        """
        cause_id text Permanent id
        theme_id text The theme
        kind text said, where or when
        statement text The cause in words; customer-stated or correlated, never proven
        conditions json Attribute to value (where; when, for an onset of one segment)
        onset date The day it began (when)
        event text The dated event it goes with (when)
        customers integer Distinct customers behind it
        statements integer Statements behind it
        share_of_theme number Part of the theme's customers, 0 to 1
        lift number How much more often than among the rest, shrunken
        q_value number False discovery rate at which it would be reported
        rank integer Place among all causes; empty when its theme has no rank
        rank_low integer Best place its interval allows
        rank_high integer Worst place its interval allows
        evidence_ids json Ids of the statements behind it
        lift_low number Lower end of the lift's interval
        lift_high number Upper end of the lift's interval
        exploratory boolean Whether it is not confirmed by weeks after those that formed the theme
        root_cause_id text The root cause that it is evidence for
        base_customers integer Customers of the customer table in the segment
        base_lift number How many times as large a part of them mentions the theme as of others
        base_low number Lower end of that ratio's interval
        base_high number Upper end of that ratio's interval
        """,
    ),
    "root-causes": _table(
        "one cause: all evidence that speaks of the same thing",
        "rank (empty ones last), root_cause_id",
        """
        root_cause_id text Permanent id
        theme_id text The theme
        statement text Its evidence in one sentence; correlated or customer-stated, never proven
        state text observed, corroborated (two independent kinds), confirmed or rejected (by people)
        kinds json Kinds of evidence: said, where, when
        evidence json Ids of its pieces, as in causes
        customers integer Distinct customers behind it
        statements integer Statements behind it
        share_of_theme number Part of the theme's customers, 0 to 1
        first_week text When it was first told
        trend text new, rising, falling, steady or not enough data: its own mentions
        trend_ratio number Its rate this week against its recent weeks
        trend_low number Lower end of the ratio's interval
        trend_high number Upper end of the ratio's interval
        trend_q number False discovery rate at which the change would be called
        reach integer Distinct customers of the theme in the ranking's weeks
        impact number Harm per mention of the theme, 0 to 1
        impact_low number Lower end of the impact's interval
        impact_high number Upper end of the impact's interval
        avoidable number Share of the theme that would go if this were the cause and went
        avoidable_low number Lower end of that share's interval
        avoidable_high number Upper end of that share's interval
        confidence number By how many independent kinds of evidence it has, 0 to 1
        effort number As people set it, else of the scoring labels
        score number reach x impact x avoidable x confidence / effort
        score_low number Lower end of the score's interval
        score_high number Upper end of the score's interval
        rank integer Place among all root causes; empty when it is not ranked
        rank_low integer Best place its interval allows
        rank_high integer Worst place its interval allows
        top5_probability number How often it is among the first five when the data are resampled
        tied_with json Root causes it cannot be told apart from; of many the 25 nearest
        exploratory boolean Whether it is not confirmed by weeks after those that formed the theme
        note text What stands in the way of a rank
        decided_by text Who confirmed or rejected it
        decision_note text Why they did
        evidence_ids json Ids of the statements behind it
        theme_label text The theme's name
        owner text Who owns the theme
        reach_low integer Lower end of the reach's interval
        reach_high integer Upper end of the reach's interval
        independent_kinds integer How many of its kinds of evidence are independent of each other
        """,
    ),
    "friction": _table(
        "one theme's place in the backlog",
        "rank (empty ones last), theme_id",
        """
        rank integer Place in the backlog; empty under too little data
        rank_low integer Best place its interval allows
        rank_high integer Worst place its interval allows
        theme_id text The theme
        label text Its name
        owner text Who owns it
        journey_stage text Its journey stage
        reach integer Distinct customers
        impact number Harm per mention, 0 to 1
        impact_low number Lower end of the impact's interval
        impact_high number Upper end of the impact's interval
        confidence number By how many kinds of evidence found a cause, 0 to 1
        effort number As people set it, else of the scoring labels
        score number reach x impact x confidence / effort
        top_causes json Its leading root causes
        top5_probability number How often it is among the first five when the data are resampled
        tied_with json Themes it cannot be told apart from; of many the 25 nearest
        note text What stands in the way of a rank
        reach_low integer Lower end of the reach's interval
        reach_high integer Upper end of the reach's interval
        score_low number Lower end of the score's interval
        score_high number Upper end of the score's interval
        loss number Score points lost per mention, on the scale from 0 to 1
        loss_low number Lower end of the loss's interval
        loss_high number Upper end of the loss's interval
        scored integer Customers with a score behind it
        recontact_rate number Part of its mentions after which the customer came back with it
        reopen_rate number Part of its mentions that were reopened
        days_to_resolve number Median days until its mentions were resolved
        revenue number Of the accounts that mention it, split evenly over what each mentions
        """,
    ),
    "lineage": _table(
        "one thing that happened to a theme",
        "week, theme_id, kind, detail",
        """
        week text The week it happened in
        theme_id text The theme
        kind text born, born by split, seeded, described anew, renamed, adopted, moved, pinned, \
unpinned, restored, retired, revived, not applied or family (a parent founded); merged, split, \
dismissed or removed (by a person)
        detail text What happened
        related json Ids of the other themes that took part
        """,
    ),
    "quarantine": _table(
        "one row that was not taken",
        "file, line, id, reason",
        """
        id text Id of the row, when it has one
        stage text Where it was stopped
        reason text Why, and what to mend
        file text The file it came from
        line integer The line there; 0 when there is none
        raw text The row as JSON, with personal data replaced
        """,
        needs_run=False,
    ),
}

_HEAD = """\
# Exports

`groundswell export NOUN --format csv|jsonl|parquet --out PATH`; `--out -` is standard output. The
same bytes over HTTP: `GET /v1/exports/NOUN?format=csv&week=2026-W47`, and this page as data:
`GET /v1/exports`.

This page is written by `groundswell export --columns` from `service/exports/columns.py`; a test
keeps it true. New columns come at the end; within a major version none is moved or renamed.

- The state is that of the last published week, or of `--week 2026-W47`. Without `--week`,
  `feedback`, `statements` and `quarantine` hold everything stored.
- `--since`, `--until`, `--kind` and `--segment NAME=VALUE` (over HTTP `since`, `until`, `kind` and
  `segment.NAME=VALUE`) choose a part of the feedback, as in lists, for `feedback`, `statements`,
  `assignments` and `themes` (what is counted is of that part).
- The same input, labels and version give the same bytes: rows come in the order stated, without
  times of running or ids of insertion.
- **number**: at most six decimals (below 1: six significant digits), no trailing zeros. **time**:
  ISO 8601, UTC. **boolean**: `true`, `false`. **json**: compact, keys sorted; in Parquet as text.
  What is unknown is empty (CSV) or null.
- **CSV** is UTF-8 with a header line, comma and LF. A text that a spreadsheet would run as a
  formula (`=`, `+`, `-`, `@`, also full-width or after spaces; a tab or line break first) gets a
  leading `'`. JSONL and Parquet carry texts unchanged.
"""


def describe() -> str:
    """The contract as Markdown: the content of EXPORTS.md."""
    parts = [_HEAD]
    for noun, table in TABLES.items():
        parts.append(f"\n## {noun}\n\nA row is {table.row}. Order: {table.order}.\n\n")
        parts.append("| column | type | what it says |\n|---|---|---|\n")
        parts += [f"| `{c.name}` | {c.type} | {c.description} |\n" for c in table.columns]
    return "".join(parts)
