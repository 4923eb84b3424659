"""What people decided about themes, and what of it can be applied to the themes there are.

The engine keeps to what it finds; corrections are a mapping on top (`nlp.corrected`), replayed
every week. So none is ever lost, and one that is undone counts no more from the next run on. Only
births take part in what the engine finds: what stood in one that is undone is placed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from nlp.births import theme_id
from nlp.records import Ending, Theme

CorrectionKind = Literal[
    "rename",
    "owner",
    "merge",
    "split",
    "move",
    "pin",
    "dismiss",
    "must-link",
    "cannot-link",
    "birth",
    "remove",
]
KINDS: tuple[CorrectionKind, ...] = get_args(CorrectionKind)
PART = "S"  # ids of the parts of a split begin with it; the engine's own themes have T and P
BORN = "B"  # ids of themes that people had born
_PARENT = "is a parent, which is what its themes are: correct those"
_MADE = (f"{PART}-", f"{BORN}-")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a split: digests of texts that show what it means; a name, or "" to find one."""

    texts: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """One decision of a person about a theme, in the terms of the engine.

    `theme_id`: the theme that is corrected; where a text is moved, the one it is moved to.
    `texts`: digests: the text that is moved, the two that are linked, those of a birth.
    """

    kind: CorrectionKind
    theme_id: str = ""
    why: str = ""
    label: str = ""
    into: str = ""
    owner: str = ""
    texts: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def children(self) -> tuple[str, ...]:
        """Ids of the themes it makes: permanent, as they follow from what was decided."""
        if self.kind == "birth":
            return (theme_id(BORN, "", self.texts),)
        return tuple(theme_id(PART, self.theme_id, part.texts) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Corrections:
    """The decisions in force, in the order in which they were made."""

    made: tuple[Correction, ...] = ()

    @property
    def owners(self) -> dict[str, str]:
        """Theme id -> owner id; the latest decision counts."""
        return {one.theme_id: one.owner for one in self.made if one.kind == "owner"}


@dataclass(frozen=True, slots=True)
class End:
    """How a person ended a theme, and which themes took its statements."""

    ended: Ending
    why: str
    successors: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A correction that has no effect this week. `waits`: it may have later, as more is known."""

    correction: Correction
    reason: str
    waits: bool


@dataclass
class Plan:
    """What the corrections come to, given the themes and texts that there are.

    ends: in the order made; a theme's end comes before the ends of its successors.
    moves: text digest -> (theme it belongs to, the reason given).
    groups: digest -> the digests that must stand in one theme with it, sorted, itself included.
    apart: pairs of digests that may not stand in one theme, in the order made.
    """

    renames: dict[str, str] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    ends: dict[str, End] = field(default_factory=dict)
    moves: dict[str, tuple[str, str]] = field(default_factory=dict)
    births: dict[str, Correction] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    apart: list[tuple[str, str]] = field(default_factory=list)
    not_applied: list[NotApplied] = field(default_factory=list)

    @property
    def speaks_of_texts(self) -> bool:
        """Whether any statement may stand elsewhere than the engine put it."""
        return bool(self.ends or self.moves or self.groups or self.apart)

    @property
    def kept(self) -> frozenset[str]:
        """Themes that do not retire for silence: pinned, ended, or people's statements go there.

        The founding texts of a birth are not sent, they are what it was born of.
        """
        return frozenset(
            [
                *self.pins,
                *self.ends,
                *(name for end in self.ends.values() for name in end.successors),
                *(
                    name
                    for sha, (name, _why) in self.moves.items()
                    if name not in self.births or sha not in self.births[name].texts
                ),
            ]
        )


def made_by_person(theme: str) -> bool:
    """Whether a theme id is that of a theme which a correction made."""
    return theme.startswith(_MADE)


def plan(
    corrections: Corrections, themes: Iterable[Theme], known: Callable[[str], bool] | None
) -> Plan:
    """Resolve corrections against what there is; never raises for what cannot be applied.

    The latest of several names, moves of one text or pins counts. A theme ends once: the first
    decision that ends it counts, and none may send statements to a theme that had ended when it
    was made. So chains of merges resolve and there are no cycles.

    Args:
        themes: those that the engine knows; parts and births follow from the corrections.
        known: whether there is a text of this digest that takes part in themes; None: any.
    """
    found = Plan()
    levels = {theme.id: theme.level for theme in themes if not made_by_person(theme.id)}
    for one in corrections.made:
        reason, waits = _hindrance(one, found, levels, known or (lambda _: True))
        if reason:
            found.not_applied.append(NotApplied(one, reason, waits))
            continue
        _apply(one, found, known)
        levels.update(dict.fromkeys(one.children, "leaf"))
    return found


def _apply(one: Correction, found: Plan, known: Callable[[str], bool] | None) -> None:
    match one.kind:
        case "rename":
            found.renames[one.theme_id] = one.label
        case "pin":
            found.pins[one.theme_id] = one.why
        case "merge":
            found.ends[one.theme_id] = End("merged", one.why, (one.into,))
        case "split":
            found.ends[one.theme_id] = End("split", one.why, one.children, one.parts)
        case "dismiss":
            found.ends[one.theme_id] = End("dismissed", one.why)
        case "remove":
            found.ends[one.theme_id] = End("removed", one.why)
        case "move":
            found.moves.pop(one.texts[0], None)
            found.moves[one.texts[0]] = (one.theme_id, one.why)
        case "birth":
            texts = tuple(sha for sha in one.texts if known is None or known(sha))
            found.births[one.children[0]] = replace(one, texts=texts)
            found.moves.update(dict.fromkeys(texts, (one.children[0], one.why)))
        case "must-link":
            group = {mate for sha in one.texts for mate in found.groups.get(sha, (sha,))}
            found.groups.update(dict.fromkeys(group, tuple(sorted(group))))
        case "cannot-link":
            found.apart.append((min(one.texts), max(one.texts)))


def _hindrance(
    one: Correction, found: Plan, levels: Mapping[str, str], known: Callable[[str], bool]
) -> tuple[str, bool]:
    """Why a correction cannot be applied, and whether that may change by itself; ("", False)."""
    themes = [name for name in (one.theme_id, one.into) if name]
    if len(set(themes)) < len(themes):
        return "a theme cannot be merged into itself", False
    for name in themes:
        if name not in levels:
            return f"there is no theme {name}", True
    if one.kind in {"rename", "owner", "pin"}:
        return "", False
    for name in themes:
        if levels[name] != "leaf" or name in found.ends:
            fate = _fate(found.ends[name]) if name in found.ends else _PARENT
            return f"{name} {fate}", False
    if one.kind == "split":
        return _split_hindrance(one, known)
    linked = one.kind in {"must-link", "cannot-link"}
    return (_link_hindrance if linked else _text_hindrance)(one, found, known)


def _text_hindrance(one: Correction, found: Plan, known: Callable[[str], bool]) -> tuple[str, bool]:
    if one.texts and not any(map(known, one.texts)):
        return f"no statement has the text {one.texts[0][:12]}", True
    if one.kind == "birth" and one.children[0] in found.births:
        return "this theme was born already", False
    return "", False


def _split_hindrance(one: Correction, known: Callable[[str], bool]) -> tuple[str, bool]:
    if len(one.parts) < 2:
        return "a split needs two parts or more", False
    texts = [sha for part in one.parts for sha in part.texts]
    if len(set(texts)) < len(texts):
        return "one text stands in two parts", False
    for number, part in enumerate(one.parts, 1):
        if not any(map(known, part.texts)):
            return f"part {part.label or number} has no statement that is known", bool(part.texts)
    return "", False


def _link_hindrance(one: Correction, found: Plan, known: Callable[[str], bool]) -> tuple[str, bool]:
    missing = [sha for sha in one.texts if not known(sha)]
    if missing:
        return f"no statement has the text {missing[0][:12]}", True
    mates = [set(found.groups.get(sha, (sha,))) for sha in one.texts]
    if one.kind == "cannot-link":
        if one.texts[1] in mates[0]:
            return "the two are one text, or must stand in one theme", False
        return "", False
    for left, right in found.apart:
        if (left in mates[0] and right in mates[1]) or (left in mates[1] and right in mates[0]):
            return "the two may not stand in one theme, by an earlier decision", False
    return "", False


def _fate(end: End) -> str:
    to = f" into {', '.join(end.successors)}" if end.successors else ""
    return f"was {end.ended}{to} by an earlier decision; undo that first"


def correction_texts(corrections: Sequence[Correction]) -> Collection[str]:
    """All text digests that corrections speak of."""
    return {
        sha
        for one in corrections
        for sha in (*one.texts, *(text for part in one.parts for text in part.texts))
    }
