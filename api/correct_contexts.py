"""What the pages for corrections show, as data: a template sees these fields and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.page_contexts import Said
from nlp.what_if import Shift
from service.correcting import Swap
from service.correction_list import Recorded
from service.preview import Change

Choice = tuple[str, str]  # an id and its name


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that was sent and cannot be taken: why not, and what was typed, by field.

    `kind` is that of the form; empty where none was sent.
    """

    kind: str = ""
    error: str = ""
    typed: Mapping[str, str] | None = None

    def was(self, kind: str, field: str, otherwise: str = "") -> str:
        """What stood in a field of the form when it was sent; `otherwise` where it was not."""
        if kind != self.kind or self.typed is None:
            return otherwise
        return self.typed.get(field, "")


@dataclass(frozen=True, slots=True)
class Notice:
    """What was just done, above the forms. `undone`: it was taken back; else it may be."""

    row: Recorded
    undone: bool
    counts: str


@dataclass(frozen=True, slots=True)
class CorrectThemePage:
    """The forms that correct a theme. `leaf`: a broad theme is corrected in fewer ways.

    near, others: themes it may be merged into, the nearest in meaning first, the others by name.
    statements: distinct texts of it, the latest first, to choose examples of a split from.
    waiting: corrections of it that the next run applies.
    """

    section: str
    action: str
    theme_id: str
    label: str
    leaf: bool
    owner_id: str
    owner_name: str
    effort: str
    near: tuple[Choice, ...]
    others: tuple[Choice, ...]
    owners: tuple[Choice, ...]
    statements: tuple[Said, ...]
    parts: tuple[str, ...]
    waiting: tuple[Recorded, ...]
    notice: Notice | None
    tried: Tried


@dataclass(frozen=True, slots=True)
class CorrectCausePage:
    """The forms that judge a root cause, and say what its theme takes to mend."""

    section: str
    action: str
    cause_id: str
    text: str
    state: str
    theme_id: str
    label: str
    effort: str
    waiting: tuple[Recorded, ...]
    notice: Notice | None
    tried: Tried


@dataclass(frozen=True, slots=True)
class CorrectOwnerPage:
    """The form that says what it takes to mend what is an owner's.

    `effort_why`: who says the effort now. `own`: themes of theirs with an effort of their own,
    which stays. `inherit`: those that have none.
    """

    section: str
    action: str
    owner_id: str
    owner_name: str
    effort: str
    effort_why: str
    own: int
    inherit: int
    waiting: tuple[Recorded, ...]
    notice: Notice | None
    tried: Tried


@dataclass(frozen=True, slots=True)
class CorrectStatementPage:
    """The forms that move a statement, or tie it to another one. `theme_id`: empty for none."""

    section: str
    action: str
    said: Said
    theme_id: str
    label: str
    near: tuple[Choice, ...]
    others: tuple[Choice, ...]
    waiting: tuple[Recorded, ...]
    notice: Notice | None
    tried: Tried


@dataclass(frozen=True, slots=True)
class CorrectionPreviewPage:
    """What a correction would change, before it is kept.

    fields: what the form said, sent again with `moment` when it is confirmed.
    shifts: whose own score changes; `more_shifts` and `others` count what is not shown.
    counts: from when on it counts, the end of a sentence. known: whether what it moves can be told
    now; while the week is run anew it cannot.
    """

    section: str
    action: str
    text: str
    who: str
    why: str
    swap: Swap | None
    changes: tuple[Change, ...]
    shifts: tuple[Shift, ...]
    more_shifts: int
    others: int
    notes: tuple[str, ...]
    not_applied: tuple[str, ...]
    counts: str
    known: bool
    fields: tuple[tuple[str, str], ...]
    moment: str


@dataclass(frozen=True, slots=True)
class CorrectionsPage:
    """The audit: all corrections, the latest first; or the one that a form was about.

    living, owners: id -> name of the themes and the owners that have a page. kinds: of
    corrections, to choose from. chosen_*: the filters in force. only: the number of the one shown
    alone; none where all are.
    """

    section: str
    action: str
    rows: tuple[Recorded, ...]
    living: Mapping[str, str]
    owners: Mapping[str, str]
    more_href: str
    next_cursor: str | None
    kinds: tuple[Choice, ...]
    states: tuple[Choice, ...]
    chosen_kind: str
    chosen_state: str
    chosen_theme: str
    only: int | None
    notice: Notice | None
    tried: Tried
