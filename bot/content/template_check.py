"""What is wrong with a template, found without filling it in: syntax, names, keys of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import jinja2
import jinja2.meta
from jinja2 import nodes

from bot.content.problems import ContentError, Problem
from bot.content.words import Words

Values = Mapping[str, type | None]
"""Name of a value that a template is given → its class, where its attributes can be checked."""


def template_problems(
    environment: jinja2.Environment, file: Path, name: str, words: Words, values: Values | None
) -> list[Problem]:
    """Everything found in one template. `values` None: what it is given is not known here."""
    assert environment.loader is not None
    try:
        source = environment.loader.get_source(environment, name)[0]
        environment.compile(source, name)
        tree = environment.parse(source, name)
    except jinja2.TemplateNotFound:
        return [Problem(file, "", "is missing")]
    except jinja2.TemplateSyntaxError as error:
        return [Problem(file, "", error.message or "syntax error", error.lineno)]
    except UnicodeDecodeError:
        return [Problem(file, "", "is not UTF-8 text")]
    found = [*_unknown_keys(tree, words)]
    if values is not None:
        found += [*_unknown_names(tree, values), *_unknown_attributes(tree, values)]
    return [Problem(file, "", mend, line) for line, mend in sorted(set(found))]


def check_pages(
    environment: jinja2.Environment, folder: Path, known: Mapping[str, Values], words: Words
) -> None:
    """Look through a folder that holds these templates and no others. Raises `ContentError`."""
    problems = [
        problem
        for name, values in known.items()
        for problem in template_problems(environment, folder / name, name, words, values)
    ]
    there = {file.name for file in folder.glob("*.j2")}
    problems += [
        Problem(folder / name, "", f"is never used; there are {', '.join(sorted(known))}")
        for name in sorted(there - known.keys())
    ]
    if problems:
        raise ContentError(problems)


def _unknown_keys(tree: nodes.Template, words: Words) -> Iterator[tuple[int, str]]:
    """`t("…")` with a key written out; put-together ones show only when they are said."""
    for call in tree.find_all(nodes.Call):
        says = isinstance(call.node, nodes.Name) and call.node.name == "t"
        if says and call.args and isinstance(call.args[0], nodes.Const):
            key = str(call.args[0].value)
            if not words.has(key):
                yield call.lineno, f"templates/words has no sentence {key!r}"


def _unknown_names(tree: nodes.Template, values: Values) -> Iterator[tuple[int, str]]:
    unknown = jinja2.meta.find_undeclared_variables(tree) - values.keys()
    for one in tree.find_all(nodes.Name):
        if one.name in unknown:
            yield (
                one.lineno,
                f"there is no {one.name!r} here; there are {', '.join(sorted(values))}",
            )


def _unknown_attributes(tree: nodes.Template, values: Values) -> Iterator[tuple[int, str]]:
    for one in tree.find_all(nodes.Getattr):
        owner = one.node.name if isinstance(one.node, nodes.Name) else ""
        kind = values.get(owner)
        if kind is not None and not hasattr(kind, one.attr):
            yield one.lineno, f"{owner} has no {one.attr!r}"
