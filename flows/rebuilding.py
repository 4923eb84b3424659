"""A fresh partition of everything said, and what it proposes; accepted proposals are decisions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flows.correction_file import to_yaml
from flows.preparing import Tell
from nlp.corrections import plan
from nlp.duplicates import CopyConfig, copies_of, is_long
from nlp.memory import MemoryConfig
from nlp.overlap import KnownText
from nlp.partition import partition
from nlp.rebuild import Proposal, RebuildConfig, compare, decided_by, survivors
from nlp.records import Assignment, Feedback, Statement
from report.wording import count, shorten
from store.assignments import assignments_as_of
from store.corrections import active_corrections
from store.database import Engine, read_scope, session_scope
from store.deciding import Wish, decide
from store.feedback import load_feedback
from store.runs import last_run
from store.snapshots import published_weeks
from store.statements import load_statements
from store.themes import themes_as_of
from store.vectors import load_vectors


class NothingToRebuildError(RuntimeError):
    """No week was run yet, so there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a fresh partition came to, beside the themes as they stand after `week`.

    `survivors`: theme -> the share of it that lies in one group.
    """

    week: str
    texts: int
    groups: int
    themes: int
    survivors: dict[str, float]
    proposals: tuple[Proposal, ...]

    @property
    def again(self) -> int:
        """How many themes are found again."""
        return len(self.survivors)


def rebuild(engine: Engine, *, memory: MemoryConfig, tell: Tell) -> Rebuilt:
    """Partition all texts anew and compare. Nothing is written, and no model is loaded.

    Args:
        memory: the theme engine's settings, as the weekly run has them.
        tell: hears of progress.

    Raises:
        NothingToRebuildError: no week was run yet.
    """
    with read_scope(engine) as session:
        published = published_weeks(session)
        run = last_run(session, week=published[-1], status="done") if published else None
        if run is None:
            raise NothingToRebuildError("no week was run yet; run: groundswell run")
        week = published[-1]
        tell(f"reading what was said up to {week}")
        themes = themes_as_of(session, week)
        texts = known_texts(
            load_statements(session, until_week=week),
            assignments_as_of(session, week),
            {item.key: item for item in load_feedback(session, until_week=week)},
        )
        corrections = active_corrections(session)
        leaf_of = {text.sha: text.leaf for text in texts}
        texts = voters(texts, config=memory.copies)
        shas = [text.sha for text in texts]
        vectors = load_vectors(session, json.loads(run.model_digests)["encoder"], shas)
    tell(f"partitioning {len(texts):,} texts")
    cut = partition(vectors, config=memory.births.cut, tell=tell)
    # What was decided since the last run stands from the next one on; it is not asked about again.
    pending = plan(corrections, themes, None)
    decided_on = {*pending.ends, *pending.pins}
    themes = tuple(replace(one, pinned=True) if one.id in decided_on else one for one in themes)
    living = [one for one in themes if one.level == "leaf" and one.retired_week is None]
    tell(f"comparing {cut.count:,} groups with {len(living):,} themes")
    decided = decided_by(corrections.made, leaf_of)
    config = rebuild_config(memory)
    return Rebuilt(
        week=week,
        texts=len(texts),
        groups=cut.count,
        themes=len(living),
        survivors=survivors(themes, texts, cut.labels, config=config),
        proposals=compare(themes, texts, cut.labels, decided=decided, config=config),
    )


def rebuild_config(memory: MemoryConfig) -> RebuildConfig:
    """Proposed births go by the same rules as the engine's own."""
    return replace(
        RebuildConfig(),
        birth_mentions=memory.births.least_mentions,
        birth_customers=memory.births.least_customers,
    )


def known_texts(
    statements: Sequence[Statement],
    placed: dict[str, Assignment],
    feedback: dict[str, Feedback],
) -> list[KnownText]:
    """The distinct texts that a rebuild may regroup, sorted by digest.

    Noise and what people dismissed is left out, and what waits for a dormant theme to come back.
    """
    found: dict[str, list[tuple[Statement, Assignment]]] = {}
    for item in statements:
        row = placed.get(item.id)
        if item.noise is None and row is not None:
            found.setdefault(item.sha, []).append((item, row))
    texts: list[KnownText] = []
    for sha in sorted(found):
        rows = [row for _, row in found[sha]]
        if any(row.state == "noise" or "dormant" in row.method for row in rows):
            continue
        keys = {item.feedback_key for item, _ in found[sha]}
        texts.append(
            KnownText(
                sha=sha,
                text=found[sha][0][0].text,
                leaf=min((row.theme_id for row in rows if row.theme_id), default=None),
                mentions=len(keys),
                customers=frozenset(feedback[key].customer for key in keys),
            )
        )
    return texts


def voters(texts: Sequence[KnownText], *, config: CopyConfig | None = None) -> list[KnownText]:
    """One text for each and its copies, in order: a mass mail makes no theme larger, nor a new one.

    What different people came to say in the same few words is counted for all of them.
    """
    groups = copies_of({text.sha: text.text for text in texts}, config=config)
    copies: dict[str, list[KnownText]] = {}
    for text in texts:
        copies.setdefault(groups[text.sha], []).append(text)
    found: list[KnownText] = []
    for group in copies.values():
        first = min(group, key=lambda text: text.sha)
        mentions = sum(text.mentions for text in group)
        customers = frozenset().union(*(text.customers for text in group))
        if mentions > 1 and is_long(first.text, config=config):
            mentions, customers = 1, frozenset({min(customers)})
        found.append(replace(first, mentions=mentions, customers=customers))
    return sorted(found, key=lambda text: text.sha)


def proposals_file(found: Rebuilt) -> str:
    """The proposals as a corrections file: what is left in it becomes law when it is imported.

    Whoever imports it is the one who decides: the entries name nobody.
    """
    head = (
        f"# A rebuild after {found.week}: {count(found.texts, 'text')} in "
        f"{count(found.groups, 'group')}; {found.again} of {count(found.themes, 'theme')} found "
        "again.\n# Delete what you do not want; then: groundswell correct import FILE\n"
    )
    if not found.proposals:
        return head + to_yaml([])
    entries = (
        "".join(f"\n# “{shorten(quote)}”" for quote in one.quotes)
        + "\n"
        + to_yaml([_wish(one, who="", why=_reason(found, one))])
        for one in found.proposals
    )
    return head + "".join(entries)


def accept_all(engine: Engine, found: Rebuilt, *, who: str, why: str) -> list[int]:
    """Make every proposal a decision, or none; the numbers of those made.

    Raises:
        DecisionError: one of them does not go with what was decided meanwhile.
    """
    with session_scope(engine) as session:
        return [
            decide(session, _wish(one, who=who, why=f"{why} ({_reason(found, one)})"))
            for one in found.proposals
        ]


def _wish(one: Proposal, *, who: str, why: str) -> Wish:
    return Wish(one.kind, one.theme_id, one.value(), who, why)


def _reason(found: Rebuilt, one: Proposal) -> str:
    return f"rebuild of {found.week}: {one.reason}"
