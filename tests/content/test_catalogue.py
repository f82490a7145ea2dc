"""Mistakes in `intents/` are named with file, field and line, all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.catalogue import load_catalogue
from bot.content.problems import ContentError
from bot.desk.catalogue import Example

PAY = """\
description: pays
queue: billing
form: bill
phrases:
  en:
    - pay my bill
    - "refund: now"
  ja:
    - 支払いたい
near_misses:
  en:
    - {text: pay attention, intent: background}
    - {text: paid support, intent: plan}
"""
PLAN = "description: plans\nphrases:\n  en:\n    - which plan\n"


def folder(tmp_path: Path, **files: str) -> Path:
    """`intents/` with two right files and those given; `a__b` stands for `a/b`."""
    for name, text in ({"pay": PAY, "plan": PLAN} | files).items():
        file = tmp_path / f"{name.replace('__', '/')}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def problems(tmp_path: Path, **files: str) -> str:
    with pytest.raises(ContentError) as caught:
        load_catalogue(folder(tmp_path, **files))
    return str(caught.value)


def test_an_intent_is_read_with_all_it_has(tmp_path: Path) -> None:
    background = {"background__en": "- lunch?\n- on it\n", "background__en-sports": "- goal!\n"}
    catalogue = load_catalogue(folder(tmp_path, **background))
    pay = catalogue.intents["pay"]
    assert (pay.description, pay.queue, pay.form) == ("pays", "billing", "bill")
    assert pay.phrases == {"en": ("pay my bill", "refund: now"), "ja": ("支払いたい",)}
    assert pay.near_misses[1] == Example("paid support", "en", "plan")
    assert catalogue.background == {"en": ("lunch?", "on it", "goal!")}
    assert len(list(catalogue.examples())) == 9


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"pay": PAY + "colour: red\n"}, "pay.yml:14: colour: unknown key"),
        ({"pay": "phrases: {en: [hi]}\n"}, "pay.yml: description: is missing"),
        ({"pay": PAY.replace("billing", "lawyers")}, "pay.yml:2: queue: must be one of"),
        ({"pay": PAY.replace("- pay my bill", "- no")}, 'phrases.en[0]: YAML reads no as bool; '
         'write "no"'),
        ({"pay": PAY.replace("- pay my bill", "- 12:30")}, 'write "12:30"'),
        ({"pay": PAY.replace("- pay my bill", "- 1.10")}, 'YAML reads 1.10 as float'),
        ({"pay": PAY.replace("- pay my bill", "- ")}, "phrases.en[0]: is empty"),
        ({"pay": PAY.replace("- pay my bill", "- [a, b]")}, "phrases.en[0]: write one text"),
        ({"pay": PAY.replace("ja:", "fr:")}, "phrases.fr: unknown key"),
        ({"pay": PAY.replace("ja:", "en:")}, "phrases.en: is written twice"),
        ({"pay": PAY.replace("intent: plan", "intent: plna")}, "there is no intent plna"),
        ({"pay": PAY.replace("intent: plan", "intent: pay")}, "move it to phrases"),
        ({"pay": PAY.replace("paid support", "Pay  my BILL")}, "means pay; decide for one"),
        ({"plan": PLAN.replace("which plan", "Ｐay my bill")}, "the same phrase stands in pay.yml"),
        ({"pay": "description: [\n"}, "pay.yml:2: not valid YAML"),
        ({"pay": "\n"}, "pay.yml: the file is empty"),
        ({"Bad-Name": PLAN}, "named in lower case"),
        ({"background__fr": "- salut\n"}, "the files here are en.yml"),
        ({"background__en": "- a lot\n- A  lot\n"}, "the same message stands in en.yml [0]"),
        ({"background__en": "- pay my bill\n"}, "means pay; decide for one"),
        ({"slots": "silent: [plann]\n"}, "slots.yml:1: silent[0]: there is no intent plann"),
        ({"slots": "ticket: {prefix: A, intents: [pay], wrods: {en: [a]}}\n"}, "ticket.wrods"),
        ({"slots": "choices: {k: {intents: [pay], default: z, values: {a: {en: [b]}}}}\n"},
         "choices.k.default: must be one of a"),
        ({"slots": "negations: {en: [on]}\n"}, 'negations.en[0]: YAML reads on as bool'),
        ({"language": "subjects: [cars]\ngroups: {boats: {en: [ship]}}\n"}, "there is no cars"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_its_mend(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    assert said in problems(tmp_path, **files)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = problems(tmp_path, pay="description: no\n", plan="phrases: []\n")
    assert "pay.yml:1: description" in text
    assert "pay.yml: phrases: is missing" in text
    assert "plan.yml: description: is missing" in text
    assert "plan.yml:1: phrases" in text


def test_talk_may_repeat_what_is_said_to_the_bot_in_passing(tmp_path: Path) -> None:
    files = {
        "thanks": "description: thanks\nphrases: {en: [thank you]}\n",
        "slots": "silent: [thanks]\n",
        "background__en": "- thank you\n",
    }
    assert load_catalogue(folder(tmp_path, **files)).background["en"] == ("thank you",)


def test_a_wrong_ending_and_a_missing_folder_are_named(tmp_path: Path) -> None:
    (folder(tmp_path) / "more.yaml").write_text(PLAN)
    assert "rename to more.yml" in problems(tmp_path)
    with pytest.raises(ContentError, match="no such folder"):
        load_catalogue(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ContentError, match="holds no intent"):
        load_catalogue(tmp_path / "empty")


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (folder(tmp_path) / "pay.yml").write_bytes("description: 支払".encode("shift_jis"))
    assert "save the file as UTF-8" in problems_of(tmp_path)


def problems_of(tmp_path: Path) -> str:
    with pytest.raises(ContentError) as caught:
        load_catalogue(tmp_path)
    return str(caught.value)
