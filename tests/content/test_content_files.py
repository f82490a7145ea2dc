"""A person without Python edits these files: a mistake names the file, the place and the mend."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.content.folder import Content, load_content
from bot.content.forms import load_forms
from bot.content.plans import load_plans
from bot.content.problems import ContentError
from bot.content.words import Words, load_words
from bot.desk.meaning import LANGUAGES
from bot.desk.plans import Staleness, Target

ROOT = Path(__file__).parents[2]
PLANS = """
plans:
  small:
    names: {en: Small, ja: 小, zh: 小}
    targets: {}
    includes: {en: [docs], ja: [文書], zh: [文档]}
  large:
    names: {en: Large, ja: 大, zh: 大}
    aliases: [Big]
    technical: true
    targets: {S1: 30 minutes, S2: 2 hours, S3: 8 business hours}
    includes: {en: [docs, people], ja: [文書, 人], zh: [文档, 人]}
default: small
business_hours: {days: [mon, tue], from: "09:00", to: "17:30"}
holidays: ["2026-12-25"]
calendars:
  japan:
    time_zones: [Asia/Tokyo]
    holidays: ["2026-11-23"]
  gulf:
    time_zones: [Asia/Dubai, Asia/Muscat]
    business_hours: {days: [sun, mon], from: "08:00", to: "16:00"}
waiting_for_customer: {nudge_after: 2 business days, resolve_after: never}
intake:
  technical: [ask_engineers]
  highest_severity: {billing: S3}
  no_promise: [sales]
"""


def complaint(error: pytest.ExceptionInfo[ContentError]) -> str:
    return str(error.value)


# --- plans --------------------------------------------------------------------------------------


def plans_file(folder: Path, text: str = PLANS) -> Path:
    file = folder / "plans.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_plans_are_read_smallest_first(tmp_path: Path) -> None:
    book = load_plans(plans_file(tmp_path))
    assert [(plan.key, plan.rank, plan.technical) for plan in book.plans] == [
        ("small", 0, False),
        ("large", 1, True),
    ]
    assert book.plan("big").key == "large"
    assert book.plans[1].targets == {
        "S1": Target(30, around_the_clock=True),
        "S2": Target(120, around_the_clock=True),
        "S3": Target(480),
    }
    assert (book.opens, book.closes, book.business_days) == ("09:00", "17:30", (0, 1))
    assert book.holidays == {"2026-12-25"}
    assert book.staleness == Staleness(2, None)
    assert book.intake.technical == {"ask_engineers"}
    assert [book.highest(queue) for queue in ("support", "billing")] == ["S1", "S3"]
    assert book.target("large", "S2", "support") == Target(120, around_the_clock=True)
    assert book.target("large", "S2", "sales") is None


def test_a_calendar_holds_where_its_time_zones_are(tmp_path: Path) -> None:
    book = load_plans(plans_file(tmp_path))
    tokyo, dubai, paris = (
        book.calendar(zone) for zone in ("Asia/Tokyo", "Asia/Dubai", "Europe/Paris")
    )
    assert tokyo.holidays == {"2026-12-25", "2026-11-23"}
    assert (tokyo.days, tokyo.opens) == (paris.days, paris.opens) == ((0, 1), "09:00")
    assert (dubai.days, dubai.opens, dubai.closes) == ((6, 0), "08:00", "16:00")
    assert dubai.holidays == paris.holidays == {"2026-12-25"}


def test_a_request_waits_three_and_seven_business_days_unless_the_file_says_otherwise(
    tmp_path: Path,
) -> None:
    without = PLANS.partition("waiting_for_customer")[0]
    assert load_plans(plans_file(tmp_path, without)).staleness == Staleness(3, 7)


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("default: small", "default: huge", r"plans\.yml:\d+: default: there is no plan 'huge'"),
        ("30 minutes", "half an hour", r"plans\.large\.targets\.S1: write \"30 minutes\""),
        ("S3: 8 business", "S9: 8 business", r"plans\.large\.targets\.S9: unknown key"),
        ('from: "09:00"', "from: 9", r"business_hours\.from: .*write \"9\""),
        ('to: "17:30"', 'to: "25:00"', r"business_hours\.to: write a time such as"),
        ('to: "17:30"', 'to: "08:00"', r"business_hours: ends \(08:00\) before it starts"),
        ("[mon, tue]", "[mon, sunday]", r"business_hours\.days: sunday\? write mon, tue"),
        ('["2026-12-25"]', '["25.12.2026"]', r"holidays: 25\.12\.2026 is no date"),
        ('["2026-12-25"]', "[2026-12-25]", r"holidays\[0\]: YAML reads 2026-12-25 as timestamp"),
        ('["2026-12-25"]', '["2026-13-45"]', r"holidays: 2026-13-45 is no date"),
        ("technical: true", "technical: yes please", r"technical: write true or false"),
        ("names: {en: Large, ja: 大, zh: 大}", "names: {en: Large}", r"large\.names\.ja: is miss"),
        ("aliases: [Big]", "alias: [Big]", r"large\.alias: unknown key; the keys here are names"),
        ("plans:", "plan:", r"plans: is missing"),
        ("S2: 2 hours", "S2: 0 hours", r"plans\.large\.targets\.S2: write \"30 minutes\""),
        (
            "[Asia/Tokyo]",
            "[Tokyo]",
            r"yml:\d+: calendars\.japan\.time_zones: Tokyo is no time zone",
        ),
        (
            "[Asia/Tokyo]",
            "[Asia/Dubai]",
            r"gulf\.time_zones: Asia/Dubai stands in calendars\.japan",
        ),
        ("time_zones: [Asia/Tokyo]\n", "", r"calendars\.japan\.time_zones: is missing"),
        ('["2026-11-23"]', '["23 Nov"]', r"calendars\.japan\.holidays: 23 Nov is no date"),
        ("[sun, mon]", "[]", r"calendars\.gulf\.business_hours\.days: name at least one day"),
        ('from: "08:00"', "form: 8", r"calendars\.gulf\.business_hours\.form: unknown key"),
        ("  gulf:", "  gulf: {zone: x}\n  x:", r"calendars\.gulf\.zone: unknown key"),
        ("{billing: S3}", "{billing: S5}", r"highest_severity\.billing: write one of S1, S2"),
        ("{billing: S3}", "{bills: S3}", r"highest_severity\.bills: unknown key; .*billing"),
        ("[sales]", "[saless]", r"intake\.no_promise: saless\? write support, sales, billing"),
        ("intake:\n  technical:", "intake:\n  tecnical:", r"intake\.tecnical: unknown key"),
        ("2 business days", "2 days", r"customer\.nudge_after: write \"3 business days\" or"),
        ("after: never", "after: 2 business days", r"resolve_after: must be longer than nudge_a"),
        ("nudge_after:", "nag_after:", r"waiting_for_customer\.nag_after: unknown key"),
    ],
)
def test_a_mistake_in_the_plans_is_named(
    tmp_path: Path, right: str, wrong: str, where: str
) -> None:
    assert right in PLANS
    with pytest.raises(ContentError) as error:
        load_plans(plans_file(tmp_path, PLANS.replace(right, wrong, 1)))
    assert re.search(where, complaint(error)), complaint(error)
    assert "plans.yml" in complaint(error)


def test_missing_plans_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"plans\.yml: the file is missing"):
        load_plans(tmp_path / "plans.yml")


# --- forms --------------------------------------------------------------------------------------


def forms_of(folder: Path, text: str) -> None:
    (folder / "demo.yml").write_text(text, encoding="utf-8")
    load_forms(folder)


def test_a_form_keeps_the_order_of_its_fields(tmp_path: Path) -> None:
    (tmp_path / "demo.yml").write_text(
        "fields:\n"
        "  - {name: kind, kind: choice, options: [a, b], required: true, ask: true}\n"
        "  - {name: note, kind: long_text, from_message: true}\n",
        encoding="utf-8",
    )
    form = load_forms(tmp_path)["demo"]
    assert [(f.name, f.kind, f.required, f.ask, f.from_message) for f in form.fields] == [
        ("kind", "choice", True, True, False),
        ("note", "long_text", False, False, True),
    ]
    missing = form.missing({})
    assert missing is not None
    assert missing.name == "kind"
    assert form.missing({"kind": "a"}) is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("fields:\n  - {name: a, kind: number}", r"demo\.yml:2: fields\[0\]\.kind: is 'number'"),
        ("fields:\n  - {name: a}", r"fields\[0\]\.kind: is missing"),
        ("fields:\n  - {name: a, kind: text, requird: true}", r"fields\[0\]\.requird: unknown key"),
        ("fields:\n  - {name: a, kind: text, ask: yup}", r"fields\[0\]\.ask: write true or false"),
        ("fields:\n  - {name: a, kind: choice}", r"fields\[0\]\.options: a choice needs its opt"),
        (
            "fields:\n  - {name: a, kind: choice, options: [1.10]}",
            r"options\[0\]: YAML reads 1\.1",
        ),
        ("fields: none of them", r"fields: write a list of fields here"),
        ("", r"demo\.yml: the file is empty"),
        ("fields: [", r"demo\.yml:\d+: not valid YAML"),
    ],
)
def test_a_mistake_in_a_form_is_named(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ContentError) as error:
        forms_of(tmp_path, text)
    assert re.search(where, complaint(error)), complaint(error)


# --- words --------------------------------------------------------------------------------------


def words_of(folder: Path, **files: str) -> Words:
    for language in LANGUAGES:
        text = files.get(language, "hello: 'Hi {name}'\n")
        (folder / f"{language}.yml").write_text(text, encoding="utf-8")
    return load_words(folder)


def test_what_is_filled_into_a_sentence_is_escaped(tmp_path: Path) -> None:
    words = words_of(tmp_path)
    assert words.say("ja", "hello", name="<!channel>") == "Hi &lt;!channel&gt;"
    assert words.say("ja", "hello", name=words.say("en", "hello", name="&")) == "Hi Hi &amp;"


def test_a_place_may_have_any_name(tmp_path: Path) -> None:
    text = "hello: 'In {language}, {key}'\n"
    words = words_of(tmp_path, en=text, ja=text, zh=text)
    assert words.say("en", "hello", language="Japanese", key="x") == "In Japanese, x"


def test_a_place_in_what_is_filled_in_stays_as_it_is(tmp_path: Path) -> None:
    assert words_of(tmp_path).say("en", "hello", name="{name}") == "Hi {name}"


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"ja": "bye: x\n"}, r"ja\.yml: hello: is missing here but stands in en\.yml"),
        ({"zh": "hello: '{name}'\nbye: x\n"}, r"zh\.yml: bye: stands here but not in en\.yml"),
        ({"zh": "hello: 'Hi {nome}'\n"}, r"zh\.yml: hello: has the places \['nome'\]"),
        ({"en": "hello: no\n"}, r"en\.yml:1: hello: YAML reads no as bool; write \"no\""),
        ({"en": "hello: 12:30\n"}, r"en\.yml:1: hello: YAML reads 12:30 as int"),
        ({"en": "hello: a\nhello: b\n"}, r"en\.yml:2: hello: is written twice"),
        ({"en": "hello:\n"}, r"en\.yml:1: hello: is empty"),
        ({"en": "hello: [a]\n"}, r"en\.yml:1: hello: write one text here"),
    ],
)
def test_a_mistake_in_the_words_is_named(tmp_path: Path, files: dict[str, str], where: str) -> None:
    with pytest.raises(ContentError) as error:
        words_of(tmp_path, **files)
    assert re.search(where, complaint(error)), complaint(error)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    words_of(tmp_path)
    (tmp_path / "ja.yml").write_bytes("hello: こんにちは\n".encode("shift_jis"))
    with pytest.raises(ContentError, match=r"ja\.yml: save the file as UTF-8"):
        load_words(tmp_path)


# --- the folders together -----------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of this checkout's content that a test may spoil."""
    for name in ("intents", "knowledge", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_content_of_this_project_is_in_order(content: Content) -> None:
    assert set(content.handlings) == set(content.catalogue.intents)
    assert content.labels["kind.poc"]


def test_every_problem_of_every_file_is_told_at_once(copy: Path) -> None:
    (copy / "knowledge" / "plans.yml").unlink()
    (copy / "intents" / "forms" / "poc.yml").write_text("fields: x", encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_content(copy)
    assert "plans.yml: the file is missing" in complaint(error)
    assert "poc.yml" in complaint(error)


def test_an_intent_whose_form_is_missing_is_named(copy: Path) -> None:
    (copy / "intents" / "forms" / "beta.yml").unlink()
    with pytest.raises(ContentError, match=r"apply_beta\.yml: form: there is no intents/forms"):
        load_content(copy)


def test_a_technical_intent_that_does_not_exist_is_named(copy: Path) -> None:
    plans = copy / "knowledge" / "plans.yml"
    text = plans.read_text("utf-8")
    plans.write_text(text.replace("[get_cluster_support]", "[get_cluster_suport]"), "utf-8")
    with pytest.raises(
        ContentError, match=r"plans\.yml: intake\.technical: there is no intent get"
    ):
        load_content(copy)


def test_a_field_without_words_is_named(copy: Path) -> None:
    form = copy / "intents" / "forms" / "beta.yml"
    form.write_text(form.read_text("utf-8") + "  - {name: budget, kind: text}\n", "utf-8")
    with pytest.raises(ContentError, match=r"en\.yml: field\.budget\.label: is missing; a form"):
        load_content(copy)


def test_a_folder_that_is_none_says_which_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"intents: is no folder; set SUPPORTBOT_CONTENT"):
        load_content(tmp_path)


@pytest.mark.parametrize(
    ("page", "line", "said"),
    [
        ("email/reply.txt.j2", "{% if author %}", r"email/reply\.txt\.j2:\d+: .*endif"),
        ("email/reply.html.j2", "{{ autor }}", r"email/reply\.html\.j2:2: there is no 'autor' here;"
         r" there are at, author, language"),
        ("email/event.txt.j2", "{{ request.numbr }}", r"event\.txt\.j2:2: request has no 'numbr'"),
        ("email/opened.txt.j2", '{{ t("email.helo") }}', r"opened\.txt\.j2:2: .* 'email\.helo'"),
        ("report/page.html.j2", "{{ figures.opend }}", r"page\.html\.j2:2: figures has no 'opend'"),
        ("report/text.j2", "{{ figures|upcase }}", r"report/text\.j2:2: No filter named 'upcase'"),
        ("messages/help.j2", '{{ section(t("hepl.title")) }}', r"messages/help\.j2:2: .* 'hepl\."),
    ],
)  # fmt: skip
def test_a_mistake_in_a_template_is_named_with_its_line(
    copy: Path, page: str, line: str, said: str
) -> None:
    file = copy / "templates" / page
    first, _, rest = file.read_text("utf-8").partition("\n")
    file.write_text(f"{first}\n{line}\n{rest}", "utf-8")
    with pytest.raises(ContentError, match=said):
        load_content(copy)


def test_a_missing_e_mail_and_one_that_nobody_sends_are_named(copy: Path) -> None:
    folder = copy / "templates" / "email"
    (folder / "reply.txt.j2").rename(folder / "replay.txt.j2")
    with pytest.raises(ContentError) as error:
        load_content(copy)
    assert "reply.txt.j2: is missing" in complaint(error)
    assert "replay.txt.j2: is never used" in complaint(error)
