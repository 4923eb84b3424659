"""The mapping file (`--map`): how an export's columns become feedback, without code.

    file:                        # how the file is written; all of it can be left out
      format: delimited          # delimited, jsonl, json, parquet, note; else by the file's ending
      delimiter: ";"             # else found out
      encoding: shift_jis        # else UTF-8, UTF-16 or Windows-1252, found out
      quote: none                # '"' (as it is if left out), "'" or none
      header_rows: 3             # records before the first row (Qualtrics has 3)
      names_row: 1               # which of them names the columns, from 1
      records: tickets           # JSON: dotted path to the list of rows
    columns:                     # field or attribute: where it comes from
      id: ResponseId             # a column; in JSON also a dotted path (source.author.id), with *
      text: [Q2, Q5_TEXT]        #   for every entry of a list (answers.*.text)
      customer_id: [Email, Id]   # several: texts are joined by a blank line, of other fields the
      ticket: "{Year}-{No}"      #   first with a value counts; braces make one value of several
    constants: {kind: survey, source: qualtrics, score_kind: nps}   # where the columns give nothing
    values:                      # translations, after renaming; null is no value
      score: {"Very satisfied": 5, "N/A": null}
    lists: {tags: "|"}           # attribute: separator. "a|b" becomes tags:a = yes, tags:b = yes
    dates: ["%d/%m/%Y %H:%M"]    # strptime patterns, beside those that are always read
    zone: America/New_York       # of times that name none, if it is not the configured zone
    optional: [Q5_TEXT]          # columns that an export may lack
    drop: [IPAddress]            # columns that are not kept
    others: keep                 # the rest: keep (as attributes) or drop

Fields are id, kind, text, created_at, source, customer_id, account_id, score, score_kind, revenue,
resolved_at, reopened, channel, language; every other name is an attribute. "{_digest}" in an id is
a digest of the whole row, for exports without ids: identical rows are then one message.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from nlp.fields import is_absent
from nlp.intake import FIELDS
from nlp.records import KINDS, SCORE_RANGES

Scalar = str | int | float | bool | None
Column = Annotated[str, Field(min_length=1)]

_BRACES = re.compile(r"\{([^{}]+)\}")
_DIGEST = "_digest"
_CONSTANTS: dict[str, tuple[str, ...]] = {"kind": KINDS, "score_kind": tuple(SCORE_RANGES)}


class WrongMapping(ValueError):  # noqa: N818 - the file's fault, not the program's
    """A mapping file that cannot be used; the message names file, line, key and the way out."""


class _PlainLoader(yaml.SafeLoader):
    """YAML without its surprises: No and 2026-11-16 are texts, 010 is not eight, no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value!r} is given twice; keep one", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_PlainLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|", "~n"),
    ("bool", r"true|false", "tf"),
    ("int", r"-?(?:0|[1-9]\d*)", "-0123456789"),
    ("float", r"-?\d+\.\d+", "-0123456789"),
):
    _PlainLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), ["", *_first]
    )


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileFormat(_Part):
    """How the file is written."""

    format: Literal["delimited", "jsonl", "json", "parquet", "note"] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: str | None = None
    quote: Literal['"', "'", "none"] = '"'
    header_rows: Annotated[int, Field(ge=1, le=10)] = 1
    names_row: Annotated[int, Field(ge=1)] = 1
    records: Annotated[str, Field(min_length=1)] | None = None

    @field_validator("encoding")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                codecs.lookup(name)
            except LookupError as error:
                raise ValueError(f"{name!r} is no encoding; write one like cp1252") from error
        return name

    @model_validator(mode="after")
    def _names_are_in_the_header(self) -> FileFormat:
        if self.names_row > self.header_rows:
            raise ValueError("names_row is beyond header_rows; make it smaller")
        return self


class FeedMap(_Part):
    """A mapping file, checked. The module's docstring explains each key."""

    file: FileFormat = FileFormat()
    columns: dict[Column, Column | Annotated[list[Column], Field(min_length=1)]] = {}
    constants: dict[Column, Scalar] = {}
    values: dict[Column, dict[str, Scalar]] = {}
    lists: dict[Column, Column] = {}
    dates: tuple[str, ...] = ()
    zone: str | None = None
    optional: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()
    others: Literal["keep", "drop"] = "keep"

    @field_validator("values", mode="before")
    @classmethod
    def _keys_as_text(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {
            name: {_key(k): v for k, v in table.items()} if isinstance(table, dict) else table
            for name, table in values.items()
        }

    @field_validator("constants")
    @classmethod
    def _known_constants(cls, constants: dict[str, Scalar]) -> dict[str, Scalar]:
        for name, known in _CONSTANTS.items():
            if name in constants and constants[name] not in known:
                raise ValueError(f"{name} {constants[name]!r} is unknown; use {', '.join(known)}")
        return constants

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError) as error:
                raise ValueError(
                    f"{name!r} is no time zone; write it like Europe/Berlin"
                ) from error
        return name

    def sources(self, target: str) -> tuple[str, ...]:
        """The columns or templates that a field comes from; the field's own name when unmapped."""
        found = self.columns.get(target, ())
        return (found,) if isinstance(found, str) else tuple(found)

    def named_columns(self, columns: frozenset[str]) -> Iterator[tuple[str, str]]:
        """(field, column) for each column that the map takes from a file with these columns."""
        for target in self.columns:
            for source in self.sources(target):
                inner = [] if source in columns else _BRACES.findall(source)
                for name in inner or [source]:
                    if name != _DIGEST:
                        yield target, name

    def missing(self, columns: frozenset[str]) -> list[str]:
        """The columns of a table that the map names, and that are neither there nor optional."""
        named = {name for _, name in self.named_columns(columns)}
        named |= {name for name in self.lists if name not in self.columns}
        return sorted(named - columns - self.optional)

    def id_columns(self) -> frozenset[str]:
        """The columns that customer and account ids come from; of a path, its last name."""
        sources = [name for field in ("customer_id", "account_id") for name in self.sources(field)]
        names = {name for source in sources for name in _BRACES.findall(source) or [source]}
        return frozenset(name.split(".")[-1] for name in names)

    def apply(self, values: Mapping[str, object]) -> dict[str, object]:
        """One row of the file as a row of fields and attributes."""
        columns = frozenset(values)
        row = {target: self._value(target, values) for target in self.columns}
        if self.others == "keep":
            used = {name.split(".")[0] for _, name in self.named_columns(columns)} | {
                name for _, name in self.named_columns(columns)
            }
            for name in values:
                if name not in used and name not in self.drop:
                    target = field_named(name)
                    row[target if target not in row else f"{name} (unmapped)"] = values[name]
        for name, table in self.values.items():
            if name in row and not is_absent(row[name]) and _key(row[name]) in table:
                row[name] = table[_key(row[name])]
        for name, separator in self.lists.items():
            row |= {f"{name}:{item}": "yes" for item in _items(row.pop(name, None), separator)}
        for name, constant in self.constants.items():
            if is_absent(row.get(name)):
                row[name] = constant
        return row

    def _value(self, target: str, values: Mapping[str, object]) -> object:
        found = [
            value
            for source in self.sources(target)
            if not is_absent(value := _lookup(source, values))
        ]
        if target == "text":
            return "\n\n".join(part for value in found for part in _parts(value)) or None
        if not found:
            return None
        return _scalar(found[0]) if target in FIELDS else found[0]


def field_named(column: str) -> str:
    """The field that a column means by its name ("Created At"), else the column's own name."""
    name = re.sub(r"[\s-]+", "_", column.strip().lower())
    return name if name in FIELDS else column


def load_mapping(path: Path) -> FeedMap:
    """Read and check a mapping file.

    Raises:
        WrongMapping: naming file, line, key and the way out.
    """
    try:
        content_bytes = path.read_bytes()
    except OSError as error:
        raise WrongMapping(f"{path}: cannot be read ({error.strerror}); check the path") from error
    try:
        text = content_bytes.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongMapping(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    try:
        tree = yaml.compose(text, Loader=_PlainLoader)
        content = _PlainLoader(text).get_single_data()
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise WrongMapping(
            f"{path}{place}: is not YAML ({problem}); quote values that hold ': ', '#', '?' or "
            "braces"
        ) from error
    if not isinstance(content, dict):
        raise WrongMapping(f"{path}:1: is not a map of keys; begin with `columns:`")
    try:
        return FeedMap.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        line, key = _locate(tree, [str(part) for part in first["loc"]])
        known = ", ".join(FeedMap.model_fields)
        hint = f"; known keys are {known}" if first["type"] == "extra_forbidden" else ""
        problem = first["msg"].removeprefix("Value error, ")
        raise WrongMapping(f"{path}:{line}: {key}: {problem}{hint}") from error


def _locate(node: yaml.Node | None, place: list[str]) -> tuple[int, str]:
    """The line and the dotted key of an error, as far as the file has it."""
    line = 1
    key: list[str] = []
    for part in place:
        if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == part]
            if not pairs:
                break
            line = pairs[0][0].start_mark.line + 1
            node = pairs[0][1]
        else:
            break
        key.append(part)
    return line, ".".join(key)


def _lookup(source: str, values: Mapping[str, object]) -> object:
    if source in values:
        return values[source]
    if _BRACES.search(source):
        parts = {
            name: row_digest(values) if name == _DIGEST else _scalar(_lookup(name, values))
            for name in _BRACES.findall(source)
        }
        if any(is_absent(part) for part in parts.values()):
            return None
        return _BRACES.sub(lambda name: str(parts[name[1]]).strip(), source)
    return _path(values, source.split("."))


def _path(value: object, names: list[str]) -> object:
    if not names:
        return value
    if names[0] == "*":
        entries = value if isinstance(value, list) else []
        found = [_path(entry, names[1:]) for entry in entries]
        return [part for entry in found for part in _parts(entry)]
    return _path(value.get(names[0]), names[1:]) if isinstance(value, Mapping) else None


def row_digest(values: Mapping[str, object]) -> str:
    """16 hex digits of the SHA-256 of a row's values, whatever the order of its columns."""
    text = json.dumps(dict(values), sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _parts(value: object) -> list[Any]:
    entries = value if isinstance(value, list | tuple) else [value]
    return [entry for entry in entries if not is_absent(entry)]


def _scalar(value: object) -> object:
    """The first entry of a list, which is what a field with one value can take."""
    if isinstance(value, list | tuple):
        return next(iter(_parts(value)), None)
    return value


def _items(value: object, separator: str) -> list[str]:
    if isinstance(value, str):
        value = value.split(separator)
    return sorted({" ".join(str(item).split()) for item in _parts(value)} - {""})


def _key(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
