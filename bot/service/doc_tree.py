"""A documentation folder on the disk: its files, their hashes, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.answers.digests import file_digest
from bot.answers.front_matter import PageProblem
from bot.answers.index import PageKey
from bot.answers.pages import Page, parse_page
from bot.answers.tree import TreeFile, TreeProblem, read_variables, walk_tree
from bot.desk.errors import SetupFault
from bot.desk.meaning import LANGUAGES, Language
from bot.storage.knowledge import LONGEST_PATH

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, how much there is (0: unknown)."""

_DEFECTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a defect of the parser raises: it costs that page, not the sync."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be taken, and why."""

    path: str
    reason: str


@dataclass(slots=True)
class DocTree:
    """What the folder holds."""

    variables: Mapping[str, str]
    hashes: dict[PageKey, str] = field(default_factory=dict)
    files: dict[PageKey, TreeFile] = field(default_factory=dict)
    problems: list[TreeProblem] = field(default_factory=list)
    languages: frozenset[Language] = frozenset()
    """Languages the folder speaks for: a page of them that it lacks is gone."""

    def lost(self, known: Sequence[PageKey]) -> set[PageKey]:
        """Pages whose files are gone. One that is there and cannot be read is not."""
        return {
            key
            for key in known
            if key[0] in self.languages and key not in self.files and not self._unreadable(key)
        }

    def _unreadable(self, key: PageKey) -> bool:
        language, path = key
        return any(
            problem.language in (None, language)
            and (path == problem.path or path.startswith(f"{problem.path}/"))
            for problem in self.problems
        )

    def failed(self) -> list[Failed]:
        return [_failed(one.language, one.path, one.words) for one in self.problems]

    def parsed(self, wanted: Sequence[PageKey], tell: Progress) -> Iterator[Page | Failed]:
        """The pages, with the hash that tells whether their file has changed since."""
        for number, key in enumerate(wanted):
            tell("parsing", number, len(wanted))
            file = self.files[key]
            try:
                page = parse_page(file.path, file.text, file.language, self.variables)
            except PageProblem as problem:
                yield _failed(*key, problem.words)
            except _DEFECTS as error:
                words = f"cannot be parsed ({type(error).__name__}: {error}): report this page"
                yield _failed(*key, words)
            else:
                yield replace(page, content_hash=self.hashes[key])


def read_tree(folder: Path, language: Language | None) -> DocTree:
    """Raises `SetupFault` when there is no page in it, naming what is there instead."""
    try:
        tree = DocTree(read_variables(folder))
    except PageProblem as problem:
        raise SetupFault(f"{folder}: {problem}") from problem
    for item in walk_tree(folder, language):
        if isinstance(item, TreeProblem):
            tree.problems.append(item)
        elif len(item.path) > LONGEST_PATH:
            words = f"has a path longer than {LONGEST_PATH} characters: shorten its folders"
            tree.problems.append(TreeProblem(item.path, words, item.language))
        else:
            key = (item.language, item.path)
            tree.files[key] = item
            tree.hashes[key] = file_digest(item.text, tree.variables)
    if not tree.files:
        raise SetupFault(*(str(problem) for problem in tree.problems))
    inside = [] if language else [one for one in LANGUAGES if (folder / one).is_dir()]
    tree.languages = frozenset([*inside, *(key[0] for key in tree.files)])
    return tree


def _failed(language: Language | None, path: str, reason: str) -> Failed:
    return Failed(f"{language}/{path}" if language else path, reason)
