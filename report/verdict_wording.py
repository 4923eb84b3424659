"""What people decided since the week was run, and which of the published words it will change."""

from __future__ import annotations

from nlp.records import RootCause, Verdict


def pending_text(cause: RootCause, verdict: Verdict | None) -> str:
    """A verdict that is not in the published record yet, in words; "" where there is none.

    Args:
        cause: as it was published last.
        verdict: the one in force now; None when nobody decided, or it was taken back.
    """
    if verdict is None:
        if not cause.decided_by:
            return ""
        return f"{cause.state} by {cause.decided_by} no more; applies with the next run"
    published = (cause.state, cause.decided_by, cause.decision_note)
    if published == (verdict.state, verdict.who, verdict.note):
        return ""
    return f"{verdict.state} by {verdict.who}: {verdict.note}; applies with the next run"
