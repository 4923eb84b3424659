"""Row `said`: a group that mostly states the planted cause, and how many of its quotes do.

A quote is right when the statement behind it carries the planted cause. Denials ("it is not because
of the update") are counted apart: a clause found in one is an error of the clause finder.
"""

from __future__ import annotations

from collections import Counter

from tests.bench.causes.counting import Case, band, share, splits
from tests.bench.causes.lab import Lab
from tests.bench.causes.matching import majority
from tests.bench.causes.world import World
from tests.bench.row import Figure, Row

LEAST = 6  # statements that carry the cause: fewer need not be a group


def measure(lab: Lab) -> Row:
    """The row, with every planting and what became of every wording in its details."""
    cases: list[Case] = []
    heard: list[Case] = []
    denied: list[Case] = []
    for world in lab.mixed():
        cases += said_cases(lab, world)
        heard += [case for case in clause_cases(lab, world) if not case["denied"]]
        denied += [case for case in clause_cases(lab, world) if case["denied"]]
    asked = [case for case in cases if case["carriers"] >= LEAST]
    quotes = sum(case["quotes"] for case in asked)
    right = sum(case["right"] for case in asked)
    carriers = sum(case["carriers"] for case in asked)
    # Of the half that is held back only counts are told, or it would be tuned to.
    unheard = Counter(
        case["added"] for case in heard if not case["clause"] and case["side"] != "held"
    )
    taken = Counter(case["added"] for case in denied if case["clause"] and case["side"] != "held")
    held = [case for case in asked if case["side"] == "held"]
    return Row(
        "said",
        (
            share("cause group found", [case["found"] for case in asked], must=0.75, stretch=0.9),
            Figure(
                f"precision of its quotes: {right} of {quotes}",
                right / quotes if quotes else None,
                0.85,
                0.95,
            ),
            Figure(
                f"statements of the cause in its group: {right} of {carriers}",
                right / carriers if carriers else None,
            ),
            share("found, wordings held back", [case["found"] for case in held]),
            Figure(
                "precision, wordings held back",
                sum(case["right"] for case in held) / (sum(case["quotes"] for case in held) or 1)
                if held
                else None,
            ),
            share("one group a cause", [case["groups"] == 1 for case in asked if case["found"]]),
            share("planted clauses found", [case["clause"] for case in heard]),
            share("denials taken for causes", [case["clause"] for case in denied], at_most=True),
        ),
        {
            "splits": splits(asked, "found", ["side", "family", "size_band", "corpus"]),
            "clauses": splits(heard, "clause", ["side", "family"]),
            "wordings not found, how often": dict(unheard.most_common(60)),
            "denials found": dict(taken),
            "denials": splits(denied, "clause", ["side"]),
            "cases": cases,
        },
    )


def said_cases(lab: Lab, world: World) -> list[Case]:
    """One case for each cause stated in a theme."""
    found: list[Case] = []
    side = {family.key: family.side for family in lab.families}
    for (theme, family), carriers in sorted(world.carriers.items()):
        told = [cause for cause in lab.said(world) if cause.theme_id == theme]
        mine = [cause for cause in told if majority(world, theme, cause) == family]
        quotes = [name for cause in mine for name in cause.evidence_ids]
        found.append(
            {
                "world": world.name,
                "corpus": world.corpus,
                "theme": theme,
                "family": family,
                "side": side[family],
                "carriers": len(carriers),
                "size_band": band(len(carriers), (6, 10, 20)),
                "found": bool(mine),
                "groups": len(mine),
                "quotes": len(quotes),
                "right": sum(name in carriers for name in quotes),
                "told": [cause.statement for cause in mine],
            }
        )
    return found


def clause_cases(lab: Lab, world: World) -> list[Case]:
    """One case for each statement to which something was added: was a clause found in that?"""
    side = {family.key: family.side for family in lab.families}
    found: list[Case] = []
    for name, added in sorted(world.added.items()):
        statement = world.statements[name]
        at = statement.text.find(added)
        # Where the statement was cut inside the added part, all that is left of it counts.
        start, end = (at, at + len(added)) if at >= 0 else (0, len(statement.text))
        found.append(
            {
                "added": added,
                "denied": name in world.denials,
                "family": world.stated_by[name],
                "side": side[world.stated_by[name]],
                "clause": any(one.start < end and one.end > start for one in statement.clauses),
            }
        )
    return found
