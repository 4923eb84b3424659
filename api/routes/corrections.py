"""`/v1/corrections`: what people decide, tried first if they like, kept, listed and taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from api.access import caller_of
from api.correction_answers import (
    as_problem,
    entered_by,
    recorded_page,
    unknown_correction,
)
from api.filters import AnyPaging, Known
from api.problems import documented
from api.schemas.correction_kinds import CorrectionIn, UndoIn, wish_of
from api.schemas.corrections import (
    CorrectionResult,
    Corrections,
    Undone,
    correction_out,
    effect_out,
)
from api.sessions import Reading, TheEngine, TheLabels, writing
from service.correcting import NOTHING, foresee, keep, on_record, take_back
from service.correction_list import State, names_now, told
from service.ways_out import for_web
from store.database import read_scope
from store.deciding import DecisionError

router = APIRouter(prefix="/v1/corrections", tags=["corrections"])

_MAX_NUMBER = 2**31 - 1  # of PostgreSQL's integer

Number = Annotated[
    int, Path(ge=1, le=_MAX_NUMBER, description="A correction's number.", examples=[12])
]


@router.post(
    "",
    status_code=201,
    responses={
        200: {
            "model": CorrectionResult,
            "description": "A dry run, or the same correction was on record already",
        },
        **documented(400, 404, 409, 413, 422, 503),
    },
    dependencies=[Depends(Known("dry_run", attributes=False))],
)
def post_correction(
    asked: Annotated[CorrectionIn, Body(discriminator="kind")],
    request: Request,
    response: Response,
    engine: TheEngine,
    labels: TheLabels,
    *,
    dry_run: Annotated[bool, Query(description="Only say what would change.")] = False,
) -> CorrectionResult:
    """Keep a correction, or (with `dry_run`, here or in the body) only say what it would change.

    It outranks every rule, on every run from then on, until it is undone. The same one sent twice
    is kept once: of the same subject, with the same value, who and why.
    """
    wish = wish_of(asked, who=entered_by(caller_of(request), asked.who))
    kept = None
    try:
        with read_scope(engine) as session:
            text = told(wish.kind, wish.theme_id, wish.value, names_now(session, labels))
            tried = dry_run or asked.dry_run
            known = None if tried else on_record(session, wish)
            # Nothing of what is on record already would change once more.
            seen = NOTHING if known else foresee(session, wish, labels=labels)
        if not tried:
            with writing(engine) as session:
                kept = keep(session, wish, labels=labels)
    except DecisionError as error:
        raise as_problem(error) from error
    if kept is None or not kept.new:
        response.status_code = 200
    return CorrectionResult(
        kept=kept is not None and kept.new,
        id=kept.id if kept else None,
        text=text,
        counts=for_web(kept.counts if kept else seen.counts),
        effect=effect_out(seen),
    )


@router.get(
    "",
    responses=documented(422),
    dependencies=[Depends(Known("kind", "theme", "state", "limit", "cursor", attributes=False))],
)
def list_corrections(
    session: Reading,
    labels: TheLabels,
    paging: AnyPaging,
    *,
    kind: Annotated[str, Query(description="Only of this kind.", examples=["rename"])] = "",
    theme: Annotated[
        str, Query(description="Only about this theme (id).", examples=["T-4f2a91c07b"])
    ] = "",
    state: Annotated[State | None, Query(description="Only in this state.")] = None,
) -> Corrections:
    """All corrections ever made, the latest first: who, when, why, and whether they count."""
    found = recorded_page(
        session, labels, kind=kind, theme=theme, state=state, paging=paging, limit=paging.limit
    )
    return Corrections(items=list(map(correction_out, found.rows)), next_cursor=found.next_cursor)


@router.post(
    "/{number}/undo",
    responses=documented(400, 404, 409, 413, 422, 503),
    dependencies=[Depends(Known(attributes=False))],
)
def undo_correction(number: Number, asked: UndoIn, request: Request, engine: TheEngine) -> Undone:
    """Let a correction count no more; the next run goes by the rules again.

    It stays on record, with who took it back, when and why.
    """
    who = entered_by(caller_of(request), asked.who)
    try:
        with writing(engine) as session:
            counts = take_back(session, number, who=who, why=asked.why)
    except KeyError as error:
        raise unknown_correction(number) from error
    except DecisionError as error:
        raise as_problem(error) from error
    return Undone(undone=number, counts=for_web(counts))
