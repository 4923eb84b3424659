"""Which root cause of before a group of pieces is, so that it keeps its id and its verdict."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from nlp.causes.links import DEFAULT, JoinConfig
from nlp.causes.when_wording import when_id
from nlp.causes.where import where_id
from nlp.records import Cause, RootCause
from nlp.weeks import week_of

Group = Sequence[Cause]


def holders(known: Sequence[RootCause]) -> dict[str, str]:
    """Piece id -> id of the root cause that held it; of several, the least id."""
    found: dict[str, str] = {}
    for one in sorted(known, key=lambda one: one.id):
        for piece in one.evidence:
            found.setdefault(piece, one.id)
    return found


def heirs(
    pieces: Sequence[Cause],
    known: Sequence[RootCause],
    *,
    judged: Collection[str],
    before: Sequence[Cause],
    placed: Mapping[str, Collection[str]],
    config: JoinConfig = DEFAULT,
) -> dict[str, str]:
    """Piece id -> the judged cause that the piece carries on, though its id is another.

    So a verdict outlives the merge of its theme: a judged cause none of whose pieces is found is
    carried on by the same segment, by the onset of the same burst, event or week, or by a group of
    clauses, where over half of the smaller evidence is shared; in its own theme, or in any when
    most of its statements have left that. Of several, the piece carries on the one with which it
    shares most, whatever unjudged cause it belonged to; what was judged itself stays so.

    Args:
        pieces: of this week.
        known: root causes of before, of any week.
        judged: ids that a person confirmed or rejected.
        before: pieces of before, as far as they are known; without, ids and all evidence decide.
        placed: theme id -> statements that are in it now.
        config: thresholds.
    """
    holder = holders(known)
    alive = {holder[piece.id] for piece in pieces if piece.id in holder}
    pieces_of = {piece.id: piece for piece in before}
    free = [piece for piece in pieces if holder.get(piece.id) not in judged]
    found: dict[str, tuple[int, str]] = {}
    for one in sorted(known, key=lambda one: one.id):
        if one.id not in judged or one.id in alive:
            continue
        moved = _has_moved(one, placed)
        olds = [pieces_of[name] for name in one.evidence if name in pieces_of]
        for piece in free:
            if piece.kind not in one.kinds or not (moved or piece.theme_id == one.theme_id):
                continue
            shared = _carried_on(piece, one, olds, part=config.same_evidence)
            if shared > found.get(piece.id, (0, ""))[0]:
                found[piece.id] = (shared, one.id)
    return {piece: name for piece, (_, name) in found.items()}


def _has_moved(one: RootCause, placed: Mapping[str, Collection[str]]) -> bool:
    """Whether most of its statements that are in any theme now are no longer in its own."""
    inside = [{name for name in one.evidence_ids if name in held} for held in placed.values()]
    at_home = sum(name in placed.get(one.theme_id, ()) for name in one.evidence_ids)
    return 2 * at_home < len(frozenset[str]().union(*inside))


def _carried_on(piece: Cause, one: RootCause, olds: Sequence[Cause], *, part: float) -> int:
    """Statements shared with what the piece carries on of a cause; 0 when it does not."""
    evidence = frozenset(piece.evidence_ids)
    alike = [frozenset(old.evidence_ids) for old in olds if _alike(piece, old)]
    if not any(old.kind == piece.kind for old in olds) and _by_id(piece, one):
        alike.append(frozenset(one.evidence_ids))
    shared = [
        len(evidence & old)
        for old in alike
        if len(evidence & old) > part * min(len(evidence), len(old))
    ]
    return max(shared, default=0)


def _alike(piece: Cause, old: Cause) -> bool:
    """Whether both claim the same, their themes and statements aside."""
    if piece.kind != old.kind or piece.kind == "said":
        return piece.kind == old.kind
    if sorted(piece.conditions) != sorted(old.conditions):
        return False
    if piece.kind == "where":
        return True
    if piece.centre or old.centre:
        return piece.centre == old.centre
    if piece.event and piece.event == old.event:
        return True
    return bool(piece.onset and old.onset and week_of(piece.onset) == week_of(old.onset))


def _by_id(piece: Cause, one: RootCause) -> bool:
    """The same, of a cause whose pieces are not at hand: by the id it would have there."""
    if piece.kind == "said":
        return one.kinds == ("said",)
    if piece.kind == "where":
        return where_id(one.theme_id, piece.conditions) in one.evidence
    if piece.centre:
        return piece.centre in one.evidence_ids
    if piece.onset is None:
        return False
    return when_id(one.theme_id, piece.onset, None, piece.conditions) in one.evidence


def root_ids(
    groups: Sequence[Group],
    known: Sequence[RootCause],
    *,
    judged: frozenset[str],
    carried: Mapping[str, str] | None = None,
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
        carried: piece id -> judged cause that it carries on (`heirs`).
    """
    by_piece = holders(known) | dict(carried or {})
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
