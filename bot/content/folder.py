"""The three content folders as one checked value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.content.catalogue import load_catalogue
from bot.content.forms import load_forms
from bot.content.mail_pages import MailPages
from bot.content.plans import load_plans
from bot.content.problems import ContentError, Problem
from bot.content.processes import load_processes
from bot.content.reactions import ReactionVerb, load_reactions
from bot.content.report_page import ReportPages
from bot.content.saved_replies import SavedReply, load_saved_replies
from bot.content.templates import Templates
from bot.content.words import Words, load_words
from bot.desk.catalogue import Catalogue
from bot.desk.forms import Form, Handling
from bot.desk.plans import PlanBook
from bot.desk.processes import Process

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Content:
    """Everything support people edit."""

    folder: Path
    catalogue: Catalogue
    handlings: Mapping[str, Handling]
    plans: PlanBook
    words: Words
    templates: Templates
    reactions: Mapping[str, ReactionVerb]
    """Emoji name → what it does on a request."""
    saved_replies: tuple[SavedReply, ...]
    processes: tuple[Process, ...]
    labels: Mapping[str, tuple[str, ...]]
    """`<field>.<option>` and `intent.<name>` → the words people use, in all languages."""

    @property
    def queues(self) -> tuple[str, ...]:
        """The teams that requests go to, as the intents name them; Premium is sold by sales."""
        named = {handling.queue for handling in self.handlings.values()} | {"sales"}
        return tuple(sorted(named - {""}))


def load_content(folder: Path) -> Content:
    """Read and check all of it. Raises `ContentError` with every problem of every file."""
    problems: list[Problem] = []
    for name in ("intents", "knowledge", "templates"):
        if not (folder / name).is_dir():
            problems.append(
                Problem(folder / name, "", "is no folder; set SUPPORTBOT_CONTENT to the one above")
            )
    if problems:
        raise ContentError(problems)
    catalogue = _gather(problems, lambda: load_catalogue(folder / "intents"))
    forms = _gather(problems, lambda: load_forms(folder / "intents" / "forms"))
    plans = _gather(problems, lambda: load_plans(folder / "knowledge" / "plans.yml"))
    words = _gather(problems, lambda: load_words(folder / "templates" / "words"))
    reactions = _gather(problems, lambda: load_reactions(folder / "templates" / "reactions.yml"))
    saved = _gather(problems, lambda: load_saved_replies(folder / "templates" / "saved"))
    if (
        catalogue is None
        or forms is None
        or plans is None
        or words is None
        or reactions is None
        or saved is None
    ):
        raise ContentError(problems)
    templates = Templates(folder / "templates", words)
    _gather(problems, templates.check)
    _gather(problems, MailPages(folder / "templates", words).check)
    _gather(problems, ReportPages(folder / "templates", words, plans).check)
    handlings = _handlings(folder, catalogue, forms, problems)
    known = {intent: handling.form for intent, handling in handlings.items()}
    processes = _gather(problems, lambda: load_processes(folder / "intents" / "processes", known))
    problems += _missing_words(folder, forms, words)
    problems += [
        Problem(
            folder / "knowledge" / "plans.yml", "intake.technical", f"there is no intent {name}"
        )
        for name in sorted(plans.intake.technical - catalogue.intents.keys())
    ]
    if problems or processes is None:
        raise ContentError(problems)
    return Content(
        folder=folder,
        catalogue=catalogue,
        handlings=handlings,
        plans=plans,
        words=words,
        templates=templates,
        reactions=reactions,
        saved_replies=saved,
        processes=processes,
        labels=_labels(forms, words),
    )


def _gather(problems: list[Problem], read: Callable[[], Part]) -> Part | None:
    try:
        return read()
    except ContentError as error:
        problems += error.problems
        return None


def _handlings(
    folder: Path, catalogue: Catalogue, forms: Mapping[str, Form], problems: list[Problem]
) -> dict[str, Handling]:
    found = {}
    for intent in catalogue.intents.values():
        if intent.form and intent.form not in forms:
            file = folder / "intents" / f"{intent.name}.yml"
            problems.append(Problem(file, "form", f"there is no intents/forms/{intent.form}.yml"))
        found[intent.name] = Handling(
            intent=intent.name,
            queue=intent.queue or "",
            form=forms.get(intent.form or ""),
        )
    return found


def _missing_words(folder: Path, forms: Mapping[str, Form], words: Words) -> list[Problem]:
    """Every field and option of a form needs its words."""
    file = folder / "templates" / "words" / "en.yml"
    wanted = []
    for form in forms.values():
        for field in form.fields:
            wanted.append(f"field.{field.name}.label")
            if field.ask and field.required:
                wanted.append(f"field.{field.name}.question")
            wanted += [f"field.{field.name}.option.{option}" for option in field.options]
    return [
        Problem(file, key, "is missing; a form in intents/forms asks for it")
        for key in dict.fromkeys(wanted)
        if not words.has(key)
    ]


def _labels(forms: Mapping[str, Form], words: Words) -> dict[str, tuple[str, ...]]:
    labels: dict[str, tuple[str, ...]] = {}
    for form in forms.values():
        for field in form.fields:
            for option in field.options:
                key = f"field.{field.name}.option.{option}"
                labels[f"{field.name}.{option}"] = words.in_all_languages(key)
    for key in words.by_language["en"]:
        if key.startswith("intent.") and key.count(".") == 1:
            labels[key] = words.in_all_languages(key)
    return labels
