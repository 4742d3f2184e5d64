"""YAML text as plain data, with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.errors import RENAMED, ProtocolError

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.nodes import Node

LARGEST_BYTES = 1_000_000
"""The largest protocol file that is read."""

_MOST_NODES = 100_000
_DEEPEST = 60
_NESTS = re.compile(r"[\[\]{}]|^ *(?:- +)+", re.MULTILINE)


class YamlText:
    """A parsed YAML text: ``data``, and ``line_of`` a path in it.

    ``begins`` says how the document that is asked for begins. Raises ProtocolError with the line for
    text that is not one YAML mapping, or that repeats a key.
    """

    def __init__(
        self, text: str, path: str | None, begins: str = "a protocol begins with 'antitrypsim: 1'"
    ) -> None:
        from ruamel.yaml import YAML
        from ruamel.yaml.constructor import DuplicateKeyError
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        self._path = path
        self._shallow(text)
        try:
            # Reading the text is nearly all the work, so the values come of the same nodes.
            yaml = YAML(typ="safe", pure=True)
            self._root: Node | None = yaml.compose(text)
            self._bounded()
            _rename(self._root)
            self.data: Any = (
                None if self._root is None else yaml.constructor.construct_document(self._root)
            )
        except DuplicateKeyError as problem:
            key = (problem.problem or "").split('"')[1:2]
            name = key[0] if key else None
            raise self._error(
                "the key is given twice; keep one of the two", problem, name
            ) from problem
        except MarkedYAMLError as problem:
            what = " ".join((problem.problem or "it cannot be read").split())
            raise self._error(
                f"the text is not YAML ({what}); write 'key: value' lines, indented by spaces",
                problem,
            ) from problem
        except (YAMLError, ValueError, RecursionError) as problem:
            what = " ".join(str(problem).split("\n")[0].split())[:120]
            raise ProtocolError(f"the text is not YAML ({what})", path=path) from problem
        if self.data is None:
            raise ProtocolError(f"the file is empty; {begins}", path=path)
        if not isinstance(self.data, dict):
            raise ProtocolError(
                f"the file holds no 'key: value' lines; {begins}", path=path, line=1
            )

    def line_of(self, where: Sequence[str | int]) -> int | None:
        """Return the line (from 1) of the deepest part of ``where`` that the text holds."""
        node, line = self._root, 1
        for part in where:
            found = _step(node, part)
            if found is None:
                continue
            node, line = found
        return line

    def _error(
        self, sentence: str, problem: MarkedYAMLError, key: str | None = None
    ) -> ProtocolError:
        mark = problem.problem_mark or problem.context_mark
        line = None if mark is None else mark.line + 1
        return ProtocolError(sentence, path=self._path, line=line, key=key)

    def _shallow(self, text: str) -> None:
        # Reading takes a time that grows with the square of the depth, so it is bounded before.
        depth = 0
        for found in _NESTS.finditer(text):
            word = found.group()
            depth += -1 if word in "]}" else 1 if word in "[{" else 0
            depth = max(depth, 0)
            if depth > _DEEPEST or word.count("- ") > _DEEPEST:
                raise ProtocolError(
                    "parts are nested too deeply for such a file",
                    path=self._path, line=text.count("\n", 0, found.start()) + 1,
                )  # fmt: skip

    def _bounded(self) -> None:
        # Aliases let a few lines stand for billions of values.
        left, stack = _MOST_NODES, [(self._root, 0)]
        while stack:
            node, depth = stack.pop()
            left -= 1
            if left < 0 or depth > _DEEPEST:
                raise ProtocolError(
                    "the file holds too much, or parts nested too deeply, for a protocol",
                    path=self._path,
                )
            value = getattr(node, "value", None)
            if isinstance(value, list):
                for child in value:
                    pair = child if isinstance(child, tuple) else (child,)
                    stack.extend((each, depth + 1) for each in pair)


def _rename(root: Node | None) -> None:
    """Give keys, and words of lists, that version 0.1.0 called otherwise their name of today."""
    stack = [root]
    while stack:
        value = getattr(stack.pop(), "value", None)
        for child in value if isinstance(value, list) else ():
            key, inner = child if isinstance(child, tuple) else (child, child)
            if isinstance(key.value, str):
                key.value = RENAMED.get(key.value, key.value)
            stack.append(inner)


def _step(node: Node | None, part: str | int) -> tuple[Node, int] | None:
    value = getattr(node, "value", None)
    if not isinstance(value, list):
        return None
    pairs = [child for child in value if isinstance(child, tuple)]
    if not pairs:
        if isinstance(part, int) and part < len(value):
            return value[part], value[part].start_mark.line + 1
        return None
    for key, child in pairs:
        if str(key.value) == str(part):
            return child, key.start_mark.line + 1
    if isinstance(part, int):
        # Visits may be a table; the protocol knows them as a list.
        table = _step(node, "at")
        entries = getattr(table[0], "value", None) if table else None
        if isinstance(entries, list) and part < len(entries) and isinstance(entries[part], tuple):
            key, child = entries[part]
            return child, key.start_mark.line + 1
    return None
