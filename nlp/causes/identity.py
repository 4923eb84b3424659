"""Which root cause of before a group of pieces is, so that it keeps its id and its verdict."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from nlp.causes.links import DEFAULT, JoinConfig
from nlp.records import Cause, RootCause

Group = Sequence[Cause]


def holders(known: Sequence[RootCause]) -> dict[str, str]:
    """Piece id -> id of the root cause that held it; of several, the least id."""
    found: dict[str, str] = {}
    for one in sorted(known, key=lambda one: one.id):
        for piece in one.evidence:
            found.setdefault(piece, one.id)
    return found


def root_ids(
    groups: Sequence[Group],
    known: Sequence[RootCause],
    *,
    judged: frozenset[str],
    config: JoinConfig = DEFAULT,
) -> list[str]:
    """The id of each group; no two are the same, and the order of the groups does not matter.

    A group takes the id of the known cause with which it shares most pieces (those a person judged
    first), else of one whose statements it mostly shares. Statements alone tell less than a piece:
    a segment lies inside another, and an onset holds all that was said since. So a kind must be
    common, and for segments and onsets the greater part of both together must be shared; for what
    customers say, of the smaller one.

    Args:
        groups: pieces of one root cause each.
        known: root causes of before, of any week.
        judged: ids that a person confirmed or rejected.
    """
    by_piece = holders(known)
    ids: dict[int, str] = {}
    taken: set[str] = set()

    def claim(pairs: Sequence[tuple[tuple[bool, int, int], str, tuple[str, ...], int]]) -> None:
        for _, name, _, at in sorted(pairs):
            if at not in ids and name not in taken:
                ids[at] = name
                taken.add(name)

    keys = [tuple(sorted(piece.id for piece in group)) for group in groups]
    evidence = [_statements(group) for group in groups]
    statements = {one.id: frozenset(one.evidence_ids) for one in known}
    shared_pieces = []
    for at, key in enumerate(keys):
        counts = Counter(by_piece[name] for name in key if name in by_piece)
        for name, number in counts.items():
            order = (name not in judged, -number, -len(evidence[at] & statements[name]))
            shared_pieces.append((order, name, key, at))
    claim(shared_pieces)
    left = [one for one in known if one.id not in taken]
    index: dict[str, list[int]] = {}
    for place, one in enumerate(left):
        for statement in one.evidence_ids:
            index.setdefault(statement, []).append(place)
    shared_statements = []
    for at, group in enumerate(groups):
        if at in ids:
            continue
        counts_of = Counter(place for name in evidence[at] for place in index.get(name, ()))
        for place, number in counts_of.items():
            one = left[place]
            if _same(group, evidence[at], one, statements[one.id], config):
                order = (one.id not in judged, -number, 0)
                shared_statements.append((order, one.id, keys[at], at))
    claim(shared_statements)
    used = {one.id for one in known} | taken
    for at in sorted((at for at in range(len(groups)) if at not in ids), key=lambda at: keys[at]):
        ids[at] = _new_id(keys[at][0], used)
        used.add(ids[at])
    return [ids[at] for at in range(len(groups))]


def _same(
    group: Group,
    evidence: frozenset[str],
    one: RootCause,
    before: frozenset[str],
    config: JoinConfig,
) -> bool:
    common = {piece.kind for piece in group} & set(one.kinds)
    if not common:
        return False
    shared = len(evidence & before)
    whole = min(len(evidence), len(before)) if "said" in common else len(evidence | before)
    return shared > config.same_evidence * whole


def _statements(group: Group) -> frozenset[str]:
    return frozenset(name for piece in group for name in piece.evidence_ids)


def _new_id(first: str, used: set[str]) -> str:
    """From the least piece id; salted where that id is in use."""
    for turn in range(1 + len(used)):
        salt = f"\0{turn}" if turn else ""
        digest = hashlib.sha256(f"root\0{first}{salt}".encode()).hexdigest()
        name = f"R-{digest[:10]}"
        if name not in used:
            return name
    raise AssertionError("more turns than ids in use")
