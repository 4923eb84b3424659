"""What customers themselves give as the reason: cause clauses grouped by meaning inside a theme.

Customer-stated, never proven: a count of people who said so, with one of their quotes. Clauses
typed "temporal" ("after the update") may only date the trouble, and say so in their connective.

Groups come from average linkage on cosine distance (UPGMA, Sokal and Michener 1958) in small
themes, from density (HDBSCAN, `nlp.density`) in large ones. Twelve planted reasons in a thousand
invented messages, three or more customers each: average linkage at .20 found 12 of 12 with 93 % of
the quotes right, at .25 12 with 97 %, at .30 ten, at .35 nine; HDBSCAN (3 points) found six.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from nlp.density import NOISE, density_clusters
from nlp.population import Population
from nlp.records import Cause, Clause, Statement, text_sha

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SaidConfig:
    """Thresholds of the grouping, each with its reason."""

    # One customer is an anecdote, two may be one household.
    min_customers: int = 3
    # Mean cosine within a group; see the module's docstring for what was tried.
    cosine: float = 0.25
    # Above this many distinct clauses in a theme there is density to find, and noise to leave out.
    density_from: int = 400
    # HDBSCAN's smallest cluster (rows are distinct clause texts).
    density_size: int = 4
    # A clause less like the mean of its dense group than this is none of it: most pairs of
    # unrelated clauses lie under it.
    trim: float = 0.35
    # A group keeps a known cause's id when it shares at least this part of the smaller one's
    # statements: the greater part, so that two groups cannot both claim one id.
    same_evidence: float = 0.5
    # Most causes reported per theme, largest first; a reader takes in no more.
    most: int = 8


DEFAULT = SaidConfig()


@dataclass(frozen=True, slots=True)
class _Mention:
    clause: Clause
    statement_id: str
    customer: int


@dataclass(frozen=True, slots=True)
class _Group:
    medoid: _Mention
    customers: int
    evidence: tuple[str, ...]


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
    for theme in sorted(set(themes)):
        mentions = _mentions(population, statements, theme)
        total = population.distinct_customers(population.members[theme]) if mentions else 0
        groups = _groups(mentions, clause_vectors, config)
        ids = _ids(theme, groups, known, config)
        causes.extend(_cause(theme, ids[at], group, total) for at, group in enumerate(groups))
    return tuple(sorted(causes, key=lambda item: (item.theme_id, -item.customers, item.id)))


def _mentions(
    population: Population, statements: Mapping[str, Statement], theme: str
) -> list[_Mention]:
    found = [
        _Mention(clause, statement_id, int(population.customers[index]))
        for index in population.members.get(theme, ())
        for statement_id in population.statements.get((theme, int(index)), ())
        if statement_id in statements
        for clause in statements[statement_id].clauses
    ]
    return sorted(found, key=lambda one: (one.clause.text, one.statement_id, one.clause.start))


def _groups(
    mentions: Sequence[_Mention], clause_vectors: Mapping[str, Vector], config: SaidConfig
) -> list[_Group]:
    texts = sorted({one.clause.text for one in mentions})
    if not texts:
        return []
    vectors = np.stack([_vector(text, clause_vectors) for text in texts])
    labels = _labels(vectors, config)
    label_of = dict(zip(texts, labels.tolist(), strict=True))
    row_of = {text: row for row, text in enumerate(texts)}
    members: dict[int, list[_Mention]] = {}
    for one in mentions:
        members.setdefault(label_of[one.clause.text], []).append(one)
    groups = []
    for inside in members.values():
        customers = len({one.customer for one in inside})
        if customers >= config.min_customers:
            evidence = tuple(sorted({one.statement_id for one in inside}))
            groups.append(_Group(_medoid(inside, vectors, row_of), customers, evidence))
    groups.sort(key=lambda group: (-group.customers, group.medoid.clause.text))
    return groups[: config.most]


def _vector(text: str, clause_vectors: Mapping[str, Vector]) -> Vector:
    sha = text_sha(text)
    if sha not in clause_vectors:
        raise KeyError(f"no vector for the clause {text!r} ({sha}); embed clause_texts() first")
    return clause_vectors[sha]


def _labels(vectors: Vector, config: SaidConfig) -> NDArray[np.int64]:
    """A group number for each row; a row in no dense region is a group of its own."""
    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    if len(vectors) < config.density_from:
        # Rounding makes ties of what differs by the encoder's noise, so that order cannot show.
        tree = linkage(vectors.astype(np.float64).round(5), method="average", metric="cosine")
        return np.asarray(fcluster(tree, 1 - config.cosine, criterion="distance"), dtype=np.int64)
    labels = density_clusters(vectors, min_size=config.density_size, min_samples=1)
    alone = labels == NOISE
    for label in range(int(labels.max()) + 1):
        # Density lets stragglers in; a quote must be near what the group says.
        inside = np.flatnonzero(labels == label)
        mean = vectors[inside].astype(np.float64).mean(axis=0)
        cosines = vectors[inside] @ (mean / np.linalg.norm(mean))
        alone[inside[cosines.round(5) < config.trim]] = True
    labels[alone] = labels.max() + 1 + np.arange(int(alone.sum()))
    return labels


def _medoid(inside: Sequence[_Mention], vectors: Vector, row_of: Mapping[str, int]) -> _Mention:
    """The clause nearest to all others (each customer's clause counts); ties by text."""
    rows = np.array([row_of[one.clause.text] for one in inside])
    closeness = (vectors[rows].astype(np.float64) @ vectors[rows].sum(axis=0)).round(4)
    best = min(range(len(inside)), key=lambda at: (-closeness[at], inside[at].clause.text, at))
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
    quote = f"{group.medoid.clause.connective} {group.medoid.clause.text}"
    return Cause(
        id=cause_id,
        theme_id=theme,
        kind="said",
        statement=f'Customers say: "{quote}"',
        customers=group.customers,
        statements=len(group.evidence),
        share_of_theme=round(group.customers / total, 6),
        evidence_ids=group.evidence,
    )
