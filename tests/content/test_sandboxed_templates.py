"""A template that tries to reach beyond what it is given gets nothing, wherever it stands."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest
from jinja2.sandbox import SandboxedEnvironment

from bot.content.folder import Content
from bot.content.mail_pages import MailPages
from bot.content.problems import ContentError
from bot.content.report_page import ReportPages
from bot.content.saved_replies import load_saved_replies
from bot.content.templates import Templates
from tests.content.samples import Samples

ROOT = Path(__file__).parents[2]
HOSTILE = [
    "{{ request.__class__.__mro__[1].__subclasses__() }}",
    "{{ request['__class__'] }}",
    "{{ (request|attr('__class__')).__base__ }}",
    "{{ t.__globals__ }}",
    "{{ t.__closure__[0].cell_contents.__dict__ }}",
    "{{ ''.__class__ }}",
    "{{ '{0.__class__}'.format(request) }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{% for x in range(10000000) %}x{% endfor %}",
    "{% include '../../pyproject.toml' %}",
]
REACHED = ("<class", "popen", "Templates object", "uid=", "xxxx", "[build-system]", "__main__")


def message(folder: Path, content: Content, source: str) -> str:
    (folder / "messages").mkdir()
    inner = source.removeprefix("{{").removesuffix("}}")
    shown = f"{{{{ section(escape(({inner})|string)) }}}}" if source.startswith("{{") else source
    (folder / "messages" / "one.j2").write_text(shown)
    request = Samples(content, "en", long=False).request
    return str(Templates(folder, content.words).message("one", "en", request=request))


def mail(folder: Path, content: Content, source: str) -> str:
    (folder / "email").mkdir()
    for kind in ("txt", "html"):
        (folder / "email" / f"opened.{kind}.j2").write_text(source)
    request = Samples(content, "en", long=False).request
    return str(MailPages(folder, content.words).both("opened", "en", request=request))


def report(folder: Path, content: Content, source: str) -> str:
    (folder / "report").mkdir()
    (folder / "report" / "text.j2").write_text(source.replace("request", "figures"))
    return ReportPages(folder, content.words, content.plans).text(
        Samples(content, "en", long=False).figures, "en"
    )


def saved_reply(folder: Path, content: Content, source: str) -> str:
    indented = source.replace("request", "customer").replace("\n", " ")
    (folder / "one.yml").write_text(f"title: {{en: One}}\ntext:\n  en: |\n    {indented}\n")
    [reply] = load_saved_replies(folder)
    places = {"customer": "Ada", "account": "A", "number": "SUP-1", "cluster": "", "owner": "Mika"}
    return reply.fill("en", places)


@pytest.mark.parametrize(
    "render", [message, mail, report, saved_reply], ids=lambda one: one.__name__
)
@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_beyond_the_given_values_is_reached(
    tmp_path: Path, content: Content, render: Callable[[Path, Content, str], str], source: str
) -> None:
    try:
        shown = render(tmp_path, content, source)
    except (jinja2.TemplateError, ContentError, OverflowError, AttributeError):
        return
    assert not any(sign in shown for sign in REACHED), shown


def test_there_is_no_way_to_make_a_template_without_the_sandbox() -> None:
    """Of jinja2's makers of templates only the sandboxed one is used in what renders content."""
    used = set()
    for file in (ROOT / "bot").rglob("*.py"):
        if "sandbox" in file.parts:
            continue  # the local workspace has no templates but its own
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            maker = node.func if isinstance(node, ast.Call) else None
            name = getattr(maker, "id", getattr(maker, "attr", ""))
            if name.endswith(("Environment", "Template")):
                used.add(name)
    assert used == {SandboxedEnvironment.__name__}


@pytest.mark.parametrize("words", ["{{ 7 * 7 }}", "{% raw %}", "{0.__class__}", "{name.__class__}"])
def test_a_sentence_with_a_template_in_somebodys_name_is_only_a_sentence(
    content: Content, words: str
) -> None:
    said = content.words.say("en", "staff.unshared", channel=words, account=words)
    assert str(said).count(words) == 2
