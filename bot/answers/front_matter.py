"""The block between `---` lines at the top of a file."""

from __future__ import annotations

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PageProblem(Exception):
    """A file that cannot become a page; names the file and the mend."""

    def __init__(self, path: str, words: str) -> None:
        super().__init__(f"{path}: {words}")
        self.path = path
        self.words = words


def split_front_matter(path: str, text: str) -> tuple[dict[str, str], str]:
    """The values of the front matter as texts, lists joined by commas, and the text after it.

    A file without front matter is whole text.
    """
    if not text.startswith("---"):
        return {}, text
    head, _, body = text.partition("\n")
    if head.rstrip() != "---":
        return {}, text
    end = _closing_line(body)
    if end < 0:
        raise PageProblem(path, "opens front matter with `---` and never closes it")
    try:
        values = yaml.load(body[:end], Loader=_Loader)  # noqa: S506 - a safe loader either way
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 2}" if mark else "its front matter"
        raise PageProblem(path, f"{place} is not YAML: quote values that hold a colon") from error
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise PageProblem(path, "has front matter that is not `name: value` lines")
    texts = {str(name): _as_text(value) for name, value in values.items()}
    return texts, body[end:].partition("\n")[2]


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value).strip()


def _closing_line(body: str) -> int:
    """Where the line `---` starts that closes the front matter; -1 when there is none."""
    position = 0
    while position <= len(body):
        end = body.find("\n", position)
        line = body[position:] if end < 0 else body[position:end]
        if line.rstrip() == "---":
            return position
        if end < 0:
            return -1
        position = end + 1
    return -1
