"""Which page is drawn at which address from which template and context, read from our own source.

A page is a call of `render_page("name.html", context)`; it belongs to every route whose function
reaches that call. A test compares the map with what the routes really draw.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_METHODS = {"get": "GET", "post": "POST"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A page. `addresses`: as routes write them, behind the method where it is not GET."""

    template: str
    context: str
    addresses: tuple[str, ...]


_Place = tuple[str, str]  # a module, and the name of a function in it


@dataclass(frozen=True, slots=True)
class _Source:
    """A function of the API: what it calls (module, name), what it draws, its routes."""

    calls: frozenset[_Place]
    draws: tuple[tuple[str, str], ...]
    routes: tuple[str, ...]


def page_map(contexts: Collection[str]) -> tuple[Shown, ...]:
    """All pages, by first address, then template.

    Args:
        contexts: names of the classes that contexts may have.

    Raises:
        ValueError: when a call does not tell its template or its context's class.
    """
    functions = _functions(frozenset(contexts))
    addresses: dict[tuple[str, str], set[str]] = {}
    for name, source in functions.items():
        for route in source.routes:
            for page in _drawn(name, functions):
                addresses.setdefault(page, set()).add(route)
    pages = [
        Shown(template, context, tuple(sorted(found)))
        for (template, context), found in addresses.items()
    ]
    return tuple(sorted(pages, key=lambda page: (page.addresses, page.template)))


def _drawn(name: _Place, functions: Mapping[_Place, _Source]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    seen: set[_Place] = set()
    waiting = [name]
    while waiting:
        at = waiting.pop()
        if at in seen or at not in functions:
            continue
        seen.add(at)
        found.update(functions[at].draws)
        # A local name may be that of a route, which nobody calls.
        waiting.extend(
            one for one in functions[at].calls if one in functions and not functions[one].routes
        )
    return found


def _functions(contexts: frozenset[str]) -> dict[_Place, _Source]:
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(_HERE.rglob("*.py"))
    }
    returns = {
        node.name: ast.unparse(node.returns)
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns is not None
    }
    found: dict[_Place, _Source] = {}
    for path, tree in trees.items():
        prefix = _prefix(tree)
        module = ".".join(path.relative_to(_HERE.parent).with_suffix("").parts)
        known = _imported(tree)
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            found[module, node.name] = _Source(
                calls=frozenset(
                    known.get(call.id, (module, call.id))
                    for call in ast.walk(node)
                    if isinstance(call, ast.Name)
                ),
                draws=tuple(_draws(node, path, contexts, returns)),
                routes=tuple(_routes(node, prefix)),
            )
    return found


def _imported(tree: ast.Module) -> dict[str, _Place]:
    """Name here -> where it comes from."""
    return {
        one.asname or one.name: (node.module or "", one.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }


def _prefix(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "APIRouter":
            for keyword in node.keywords:
                if keyword.arg == "prefix" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return ""


def _routes(node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str) -> Iterator[str]:
    for mark in node.decorator_list:
        if not (isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute)):
            continue
        method = _METHODS.get(mark.func.attr)
        given = mark.args[0] if mark.args else None
        if method and isinstance(given, ast.Constant) and isinstance(given.value, str):
            address = prefix + given.value
            yield address if method == "GET" else f"{method} {address}"


def _draws(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    path: Path,
    contexts: frozenset[str],
    returns: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    for call in ast.walk(node):
        if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "render_page"):
            continue
        template, given = call.args[0], call.args[1]
        context = _class_of(given, node, contexts, returns)
        if not isinstance(template, ast.Constant) or context is None:
            raise ValueError(
                f"{path.name}:{call.lineno}: render_page needs a template's name and a context "
                "whose class can be seen: a call of the class, or of a function that returns it"
            )
        yield str(template.value), context


def _class_of(
    given: ast.expr,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    contexts: frozenset[str],
    returns: Mapping[str, str],
) -> str | None:
    if isinstance(given, ast.Call) and isinstance(given.func, ast.Name):
        name = given.func.id
        return name if name in contexts else returns.get(name)
    if not isinstance(given, ast.Name):
        return None
    for one in ast.walk(node):
        if isinstance(one, ast.arg) and one.arg == given.id and one.annotation:
            return ast.unparse(one.annotation)
        if (
            isinstance(one, ast.Assign)
            and isinstance(one.targets[0], ast.Name)
            and one.targets[0].id == given.id
        ):
            return _class_of(one.value, node, contexts, returns)
    return None
