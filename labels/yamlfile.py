"""A YAML file that remembers on which line each key stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from labels.errors import LabelsError, Problem, refuse

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The content of a file (a mapping) and the node tree that knows its lines."""

    path: Path
    data: dict[str, Any]
    root: yaml.MappingNode

    def line_of(self, keys: KeyPath) -> int:
        """The line, from 1, of the deepest part of `keys` that the file holds."""
        node: yaml.Node = self.root
        line = _line(node)
        for key in keys:
            found = _child(node, key)
            if found is None:
                break
            line, node = found
        return line


class _Loader(yaml.SafeLoader):
    """YAML without dates: nothing in these files is one, and 2026-13-45 would be a crash."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path) -> YamlFile:
    """Read one YAML file whose top level is a mapping.

    Raises:
        LabelsError: unreadable or not UTF-8, broken syntax, empty, a list or a scalar at the top,
            or a key given twice in one mapping (YAML itself would silently keep the last).
    """
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise refuse(name, f"cannot be read ({error.strerror}); check path and rights") from error
    except UnicodeDecodeError as error:
        raise refuse(name, f"is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    loader = _Loader(_printable(text, name))
    try:
        root = loader.get_single_node()
        _refuse_repeated_keys(root, name)
        data = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, name) from error
    except LabelsError:
        raise
    except ValueError as error:
        raise refuse(name, f"holds a value YAML cannot read ({error})") from error
    finally:
        loader.dispose()
    if root is None or data is None:
        raise refuse(name, "is empty; delete it to use the packaged file, or fill it in")
    if not isinstance(data, dict) or not isinstance(root, yaml.MappingNode):
        raise refuse(name, "must hold keys with values (key: value)", line=_line(root))
    return YamlFile(path=path, data=data, root=root)


def dotted(keys: KeyPath) -> str:
    """`("owners", 2, "kind")` as `owners[2].kind`."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text


def _printable(text: str, name: str) -> str:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise refuse(name, f"holds the control character {found.group()!r}; remove it", line=line)
    return text


def _syntax(error: yaml.MarkedYAMLError, name: str) -> LabelsError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    said = ", ".join(part for part in (error.context, error.problem) if part)
    return refuse(
        name,
        f"is not valid YAML ({said}); check indentation, the space after each colon, and quotes "
        "around text that holds ': ' or begins with one of @ * & ! % [ {",
        line=line,
    )


def _refuse_repeated_keys(root: yaml.Node | None, name: str) -> None:
    problems: list[Problem] = []
    waiting: list[tuple[KeyPath, yaml.Node]] = [((), root)] if root is not None else []
    seen: set[int] = set()  # an alias may point back at its own parent
    while waiting:
        keys, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(((*keys, n), child) for n, child in enumerate(node.value))
        elif isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key_node, child in node.value:
                key = str(key_node.value)
                if key in first:
                    message = f"given twice (first on line {first[key]}); keep one"
                    where = dotted((*keys, key))
                    problems.append(Problem(name, _line(key_node), where, message))
                first.setdefault(key, _line(key_node))
                waiting.append(((*keys, key), child))
    if problems:
        raise LabelsError(tuple(problems))


def _child(node: yaml.Node, key: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
        if key >= len(node.value):
            return None
        return _line(node.value[key]), node.value[key]
    if isinstance(node, yaml.MappingNode):
        for key_node, child in node.value:
            if str(key_node.value) == str(key):
                return _line(key_node), child
    return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
