"""What a content author must change, and the one way it is written: `path:line: sentence (what to do)`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: the file as the author knows it, the line in it from 1, and a sentence."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class ContentError(Exception):
    """The content cannot be used; `problems` says everything that is wrong with it, never the first thing only."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Problems:
    """Collects problems while reading; the same one is kept once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, path: str, line: int, message: str) -> None:
        self._found[Problem(path, max(line, 1), message)] = None

    def join(self, other: Problems) -> None:
        """Adds everything `other` has."""
        self._found.update(other._found)

    def found(self) -> tuple[Problem, ...]:
        return tuple(sorted(self._found))

    def __len__(self) -> int:
        return len(self._found)
