"""What customers themselves give as the reason: cause clauses grouped by meaning inside a theme.

Customer-stated, never proven: a count of people who said so, with one of their quotes. Where most
of a group only say "after", "since" or "when", its statement says that it may be the time alone.
How clauses are grouped: `nlp.causes.alike`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlp.causes.alike import AlikeConfig, common_part, group_alike, without_common
from nlp.causes.telling import MAY_BE_TIME
from nlp.population import Population
from nlp.records import Cause, Clause, Statement, text_sha

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SaidConfig:
    """Thresholds of the grouping, each with its reason."""

    # One customer is an anecdote, two may be one household.
    min_customers: int = 3
    # A group keeps a known cause's id when it shares at least this part of the smaller one's
    # statements: the greater part, so that two groups cannot both claim one id.
    same_evidence: float = 0.5
    # Most causes reported per theme, largest first; a reader takes in no more.
    most: int = 8
    # A quote of more words than this gives way, at a hundredth of a cosine a word, to a shorter one
    # that stands for the group nearly as well.
    quote_words: int = 12
    alike: AlikeConfig = field(default_factory=AlikeConfig)


# Characters between a connective and its clause that still are one quote: "because: the ...".
_BESIDE = 12
_CLOSING = {"'": "'", '"': '"', "”": "“", "’": "‘", "»": "«"}

DEFAULT = SaidConfig()


@dataclass(frozen=True, slots=True)
class _Mention:
    clause: Clause
    statement_id: str
    customer: int
    quote: str


@dataclass(frozen=True, slots=True)
class _Group:
    medoid: _Mention
    customers: int
    evidence: tuple[str, ...]
    is_timed: bool


def clause_texts(statements: Sequence[Statement]) -> tuple[str, ...]:
    """The distinct texts of all clauses, sorted: what `said` wants vectors for."""
    return tuple(sorted({clause.text for item in statements for clause in item.clauses}))


def said(
    population: Population,
    statements: Mapping[str, Statement],
    *,
    themes: Sequence[str],
    clause_vectors: Mapping[str, Vector],
    config: SaidConfig = DEFAULT,
    known: Sequence[Cause] = (),
) -> tuple[Cause, ...]:
    """Customer-stated causes of each theme, largest first; input order does not matter.

    Args:
        population: who mentions which theme.
        statements: id -> statement, with its clauses; ids that are missing are passed over.
        themes: theme ids to look at.
        clause_vectors: `text_sha` of a clause's text -> unit vector, shape (d,).
        config: thresholds.
        known: causes published before. A group that shares most of its statements with one of them
            keeps that id, however its quote has changed.

    Returns:
        Causes sorted by theme, customers (most first) and id. `share_of_theme` is the share of the
        theme's customers who state the cause.

    Raises:
        KeyError: when a clause has no vector; the message names the clause.
    """
    causes: list[Cause] = []
    told = {theme: _mentions(population, statements, theme) for theme in sorted(set(themes))}
    vectors = _vectors(told, clause_vectors, config)
    for theme, mentions in told.items():
        total = population.distinct_customers(population.members[theme]) if mentions else 0
        groups = _groups(mentions, vectors, config)
        ids = _ids(theme, groups, known, config)
        causes.extend(_cause(theme, ids[at], group, total) for at, group in enumerate(groups))
    return tuple(sorted(causes, key=lambda item: (item.theme_id, -item.customers, item.id)))


def _mentions(
    population: Population, statements: Mapping[str, Statement], theme: str
) -> list[_Mention]:
    found = [
        _Mention(
            clause,
            statement_id,
            int(population.customers[index]),
            _quote(clause, statements[statement_id].text),
        )
        for index in population.members.get(theme, ())
        for statement_id in population.statements.get((theme, int(index)), ())
        if statement_id in statements
        for clause in statements[statement_id].clauses
    ]
    return sorted(found, key=lambda one: (one.clause.text, one.statement_id, one.clause.start))


def _quote(clause: Clause, text: str) -> str:
    """The clause word for word, with its connective where that stands beside it."""
    start, end = clause.start, clause.end
    lower = text.lower()
    # Some letters have another length in lower case; then the clause stands alone.
    before = lower.rfind(clause.connective, 0, start) if len(lower) == len(text) else -1
    behind = len(text[end:]) - len(text[end:].lstrip(" ,-"))
    if before >= 0 and start - before - len(clause.connective) <= _BESIDE:
        start = before
    elif text[end + behind :].lower().startswith(clause.connective):
        end += behind + len(clause.connective)
    quote = text[start:end]
    # A quotation inside the quote is not cut off before its end.
    closing = text[end : end + 1]
    if closing and closing in _CLOSING and _CLOSING[closing] in quote:
        quote += closing
    return " ".join(quote.split())


def _vectors(
    told: Mapping[str, Sequence[_Mention]],
    clause_vectors: Mapping[str, Vector],
    config: SaidConfig,
) -> dict[str, Vector]:
    """Clause -> unit vector without what the clauses of all themes have in common."""
    texts = [sorted({one.clause.text for one in mentions}) for mentions in told.values()]
    parts = [np.stack([_vector(text, clause_vectors) for text in own]) for own in texts if own]
    if not parts:
        return {}
    common = common_part(parts, config=config.alike)
    every = sorted({text for own in texts for text in own})
    rows = np.stack([_vector(text, clause_vectors) for text in every])
    return dict(zip(every, without_common(rows, common), strict=True))


def _groups(
    mentions: Sequence[_Mention], vectors: Mapping[str, Vector], config: SaidConfig
) -> list[_Group]:
    texts = sorted({one.clause.text for one in mentions})
    if not texts:
        return []
    rows = np.stack([vectors[text] for text in texts])
    label_of = dict(zip(texts, group_alike(rows, config=config.alike).tolist(), strict=True))
    members: dict[int, list[_Mention]] = {}
    for one in mentions:
        members.setdefault(label_of[one.clause.text], []).append(one)
    groups = []
    for inside in members.values():
        customers = len({one.customer for one in inside})
        if customers >= config.min_customers:
            evidence = tuple(sorted({one.statement_id for one in inside}))
            timed = sum(one.clause.relation == "temporal" for one in inside)
            medoid = _medoid(inside, vectors, config)
            groups.append(_Group(medoid, customers, evidence, 2 * timed > len(inside)))
    groups.sort(key=lambda group: (-group.customers, group.medoid.clause.text))
    return groups[: config.most]


def _vector(text: str, clause_vectors: Mapping[str, Vector]) -> Vector:
    sha = text_sha(text)
    if sha not in clause_vectors:
        raise KeyError(f"no vector for the clause {text!r} ({sha}); embed clause_texts() first")
    return clause_vectors[sha]


def _medoid(
    inside: Sequence[_Mention], vectors: Mapping[str, Vector], config: SaidConfig
) -> _Mention:
    """The clause nearest to all others (each customer's clause counts), unless it is long."""
    rows = np.stack([vectors[one.clause.text] for one in inside]).astype(np.float64)
    closeness = rows @ rows.mean(axis=0)
    words = np.array([len(one.quote.split()) for one in inside])
    score = (closeness - 0.01 * np.maximum(words - config.quote_words, 0)).round(4)
    best = min(range(len(inside)), key=lambda at: (-score[at], inside[at].clause.text, at))
    return inside[best]


def _ids(
    theme: str, groups: Sequence[_Group], known: Sequence[Cause], config: SaidConfig
) -> list[str]:
    """Each group's id: a known cause's where the evidence says it is the same, else its own."""
    old = [cause for cause in known if cause.kind == "said" and cause.theme_id == theme]
    pairs = []
    for at, group in enumerate(groups):
        for cause in old:
            shared = len(set(group.evidence) & set(cause.evidence_ids))
            smaller = min(len(group.evidence), len(set(cause.evidence_ids)))
            if shared and shared >= config.same_evidence * smaller:
                pairs.append((-shared, cause.id, at))
    ids: dict[int, str] = {}
    for _, cause_id, at in sorted(pairs):
        if at not in ids and cause_id not in ids.values():
            ids[at] = cause_id
    return [ids.get(at) or _new_id(theme, group, ids, known) for at, group in enumerate(groups)]


def _new_id(theme: str, group: _Group, taken: Mapping[int, str], known: Sequence[Cause]) -> str:
    words = " ".join(group.medoid.clause.text.lower().split())
    used = {*taken.values(), *(cause.id for cause in known)}
    for turn in range(1 + len(used)):
        salt = "" if turn == 0 else f"\0{turn}"
        digest = hashlib.sha256(f"{theme}\0said\0{words}{salt}".encode()).hexdigest()
        if f"C-{digest[:10]}" not in used:
            return f"C-{digest[:10]}"
    raise AssertionError("more turns than ids in use")


def _cause(theme: str, cause_id: str, group: _Group, total: int) -> Cause:
    note = f" ({MAY_BE_TIME})" if group.is_timed else ""
    return Cause(
        id=cause_id,
        theme_id=theme,
        kind="said",
        statement=f'Customers say: "{group.medoid.quote}"{note}',
        customers=group.customers,
        statements=len(group.evidence),
        share_of_theme=round(group.customers / total, 6),
        evidence_ids=group.evidence,
    )
