"""What API and pages both do with corrections: who decides, errors as problems, filtered pages."""

from __future__ import annotations

from api.access import Caller
from api.cursors import Key, Slice, paginate, question_of
from api.filters import Paging
from api.problems import ProblemError
from labels.schema import Labels
from service.correcting import NotInForceError, is_unknown
from service.correction_list import Recorded, State, recorded
from service.ways_out import for_web
from store.database import Session
from store.deciding import VALUE_KEYS, DecisionError

KINDS = tuple(VALUE_KEYS)


def entered_by(caller: Caller, named: str | None) -> str:
    """Who stands beside a correction: whoever asks, or whom they name, with the key they used."""
    if not named or named == caller.name:
        return caller.name
    return f"{named} (key {caller.name})" if caller.key_id else named


def as_problem(error: DecisionError) -> ProblemError:
    """A refusal as a problem: 404 for what does not exist, 409 for what is undone, else 422."""
    detail = for_web(str(error))
    if isinstance(error, NotInForceError):
        return ProblemError(409, "not-in-force", detail)
    if is_unknown(error):
        return ProblemError(404, "unknown-subject", detail)
    return ProblemError(422, "correction-refused", detail)


def unknown_correction(number: int) -> ProblemError:
    """There is no correction of this number."""
    return ProblemError(404, "unknown-correction", f"there is no correction {number}")


def recorded_page(
    session: Session,
    labels: Labels,
    *,
    kind: str,
    theme: str,
    state: State | None,
    paging: Paging,
    limit: int,
) -> Slice[Recorded]:
    """A page of the audit, the latest first.

    Raises:
        ProblemError: 422, for a kind there is not, listing those there are.
    """
    if kind and kind not in KINDS:
        raise ProblemError(422, "unknown-kind", f"{kind!r} is no kind of correction", known=KINDS)
    rows = [
        one
        for one in recorded(session, labels=labels)
        if (not kind or one.kind == kind)
        and (not theme or theme in {one.theme_id, one.value.get("into")})
        and (state is None or one.state == state)
    ]
    return paginate(
        rows,
        key=_latest_first,
        limit=limit,
        week="",
        question=question_of(("corrections", kind, theme, state)),
        cursor=paging.cursor,
    )


def _latest_first(one: Recorded) -> Key:
    return (-one.when.timestamp(), -one.id)
