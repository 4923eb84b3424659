"""One row of a customer table in, one customer out: or the reason why not.

A row has the customer's id, as feedback names it (customer or account), and any other columns, all
of which are attributes. Ids and attributes are cleaned, hashed and redacted as those of feedback,
so that a customer of the table is the customer who wrote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nlp.attributes import flat, is_personal, redact_named
from nlp.fields import WrongField, as_text, check_depth, is_absent
from nlp.intake import IntakeConfig, reject
from nlp.pseudonyms import person_id
from nlp.records import Customer, Rejected
from nlp.redact import PATTERNS_ONLY, redact

STAGE = "customers"
LOST = "the same customer with other attributes in this file; keep one row for each customer"


@dataclass(frozen=True, slots=True)
class PlacedCustomer:
    """A customer, the file and line of the row, and what the row would be quarantined as."""

    item: Customer
    as_rejected: Rejected


@dataclass(frozen=True, slots=True)
class SettledCustomers:
    """`kept`: one customer for each id, sorted by it. `repeats`: rows identical to one kept."""

    kept: tuple[Customer, ...]
    repeats: int
    rejected: tuple[Rejected, ...]


def take_customer(
    raw: Mapping[str, object],
    *,
    id_column: str,
    config: IntakeConfig,
    file: str,
    line: int,
    counts: Counter[str],
) -> PlacedCustomer | Rejected:
    """Check, clean and redact one row; `counts` is told how many placeholders of each kind."""
    # Under this name quarantined copies have ids hashed and redacted as persons.
    row = {"customer_id": raw.get(id_column)} | {
        name: value for name, value in raw.items() if name != id_column
    }

    def rejected(reason: str) -> Rejected:
        found = reject(row, reason, config=config, file=file, line=line)
        return Rejected(
            id=found.id, stage=STAGE, reason=found.reason, file=file, line=line, raw=found.raw
        )

    own: Counter[str] = Counter()
    try:
        item = Customer(
            id=person_id(_id(raw, id_column), secret=config.hash_secret, counts=own),
            attributes=_attributes(raw, id_column, config, own),
        )
    except WrongField as wrong:
        return rejected(str(wrong))
    counts.update(own)
    return PlacedCustomer(item, rejected(LOST))


def _id(raw: Mapping[str, object], id_column: str) -> str:
    value = raw.get(id_column)
    name = "" if is_absent(value) else " ".join(as_text(id_column, value).split())
    if not name:
        raise WrongField(f"no {id_column}: every row needs the id by which feedback names it")
    return name


def _attributes(
    raw: Mapping[str, object], id_column: str, config: IntakeConfig, counts: Counter[str]
) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for name, value in raw.items():
        if name == id_column or is_absent(value):
            continue
        if is_personal(name, config.personal_columns):
            counts["COLUMN"] += 1
            continue
        check_depth(name, value)
        heading = redact(" ".join(as_text("a column's name", name).split()), config=PATTERNS_ONLY)
        counts.update(heading.counts)
        text = redact_named(heading.text, flat(name, value), config=config.redact, counts=counts)
        if heading.text and text:
            found[heading.text] = text
    return tuple(sorted(found.items()))


def settle_customers(rows: Iterable[PlacedCustomer]) -> SettledCustomers:
    """Keep one entry for each id; of one that comes with different attributes, none.

    Nothing says which of them is right, and the order of rows must not decide.
    """
    by_id: dict[str, list[PlacedCustomer]] = {}
    for row in rows:
        by_id.setdefault(row.item.id, []).append(row)
    kept: list[Customer] = []
    rejected: list[Rejected] = []
    repeats = 0
    for name in sorted(by_id):
        rivals = by_id[name]
        if any(row.item != rivals[0].item for row in rivals):
            rejected += [row.as_rejected for row in rivals]
            continue
        kept.append(rivals[0].item)
        repeats += len(rivals) - 1
    return SettledCustomers(tuple(kept), repeats, tuple(rejected))
