"""What a customer gets for a question."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers.index import Index
from bot.answers.library import Library
from bot.answers.pages import Page, parse_page
from bot.content.problems import ContentError
from bot.desk.documents import SectionPlace

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


def first(library: Library, question: str, **how: str) -> tuple[str, str | None]:
    answer = library.ask(question, **how)  # type: ignore[arg-type]
    assert answer.sources, f"nothing found for {question!r}"
    return answer.sources[0].path, answer.sources[0].anchor


def test_the_right_section_answers_with_its_address(library: Library) -> None:
    answer = library.ask("how do I configure the backup schedule?")
    assert answer.band == "answer"
    assert answer.sources[0].anchor == "configure-backup-schedule"
    assert answer.sources[0].url == (
        "https://docs.pingcap.com/tidbcloud/backup-and-restore#configure-backup-schedule"
    )
    assert "Choose a time" in answer.text


def test_links_in_an_answer_lead_to_the_site(library: Library) -> None:
    answer = library.ask("restore a deleted cluster")
    assert "(https://docs.pingcap.com/tidbcloud/branch-manage#create-a-branch)" in answer.text


def test_everyday_words_find_the_page(library: Library) -> None:
    assert (
        first(library, "tear down a cluster we no longer use")[0] == "tidb-cloud/delete-cluster.md"
    )


def test_typing_errors_do_not_matter(library: Library) -> None:
    assert first(library, "creat a brnach")[0] == "tidb-cloud/branch-manage.md"


def test_an_error_message_finds_its_page(library: Library) -> None:
    question = "ERROR 9005 (HY000): Region is unavailable[try again later]"
    assert first(library, question) == ("tidb-cloud/private-endpoint.md", "limits")


def test_japanese_is_answered_in_japanese(library: Library) -> None:
    answer = library.ask("間違って消したクラスタを元に戻したい")
    assert answer.language == "ja"
    assert answer.sources[0].language == "ja"
    assert answer.sources[0].anchor == "restore-a-deleted-cluster"


def test_a_page_that_exists_only_in_english_is_found_from_japanese(library: Library) -> None:
    answer = library.ask("PrivateLinkで閉域接続したい")
    assert (answer.sources[0].path, answer.sources[0].language) == (
        "tidb-cloud/private-endpoint.md",
        "en",
    )


@pytest.mark.parametrize(
    "question",
    [
        "thanks!!",
        "good morning",
        "ありがとうございます",
        "谢谢大家",
        "what's the weather tomorrow",
        "who painted the mona lisa",
        "",
        "🎉",
        "???",
    ],
)
def test_small_talk_and_strangers_are_not_answered(library: Library, question: str) -> None:
    answer = library.ask(question)
    assert (answer.band, answer.sources, answer.text) == ("unknown", (), "")


def test_a_whole_question_leaves_the_subject_before_it(library: Library) -> None:
    subject = "how do I restore a deleted cluster?"
    asked = "how do I configure the backup schedule?"
    assert first(library, asked, subject=subject)[1] == "configure-backup-schedule"


def test_a_follow_up_is_read_with_its_subject(library: Library) -> None:
    subject = "how do I change the backup schedule?"
    assert first(library, "and for Dedicated?", subject=subject) == (
        "tidb-cloud/backup-and-restore.md",
        "configure-backup-schedule",
    )


def test_at_most_three_sources_each_from_another_page(library: Library) -> None:
    sources = library.ask("create a branch of a cluster backup").sources
    assert 1 <= len(sources) <= 3
    assert len({source.path for source in sources}) == len(sources)


def test_an_article_of_ours_wins_a_tie(library: Library) -> None:
    text = (
        "---\ntitle: Manage Branches\nsummary: About manage branches.\n---\n\n# Manage Branches\n\n"
    )
    body = "## Create a branch\n\nClick **Create Branch**.\n"
    article = parse_page("knowledge/branches.md", text + body, "en", article=True)
    assert first(library.with_pages([article]), "create a branch")[0] == "knowledge/branches.md"


def test_a_changed_page_answers_differently_and_a_removed_one_not_at_all(library: Library) -> None:
    path = "tidb-cloud/branch-manage.md"
    text = "---\ntitle: Manage Branches\n---\n# Manage Branches\n\n## Create a branch\n\nAsk us.\n"
    changed = library.with_pages([parse_page(path, text, "en")])
    assert "Ask us" in changed.ask("create a branch").text
    before, after = library.ask("create a branch"), changed.ask("create a branch")
    assert before.sources[0].content_hash != after.sources[0].content_hash
    removed = library.with_pages([], [("en", path)])
    assert path not in {source.path for source in removed.ask("create a branch").sources}


def test_a_question_that_names_a_plan_gets_the_section_for_it() -> None:
    def page(plan: str) -> Page:
        text = (
            f'---\ntitle: Size limits\n---\n# Size limits\n\n<CustomContent plan="{plan}">\n\n'
            "## Size limits of an instance\n\nRead this.\n\n</CustomContent>\n"
        )
        return parse_page(f"tidb-cloud/limits-{plan[:4]}.md", text, "en")

    library = Library.from_folder(KNOWLEDGE).with_index(
        Index.build([page("essential"), page("premium")])
    )
    for plan in ("essential", "premium"):
        source = library.ask(f"size limits on {plan}").sources[0]
        assert source.path == f"tidb-cloud/limits-{plan[:4]}.md"
        assert f"?plan={plan}#" in source.url


def test_a_heading_without_text_brings_its_subsections_along(library: Library) -> None:
    text = "---\ntitle: Zebra keys\n---\n# Zebra keys\n\n## Zebra kinds\n\n### Wide\n\nWide ones.\n"
    answer = library.with_pages([parse_page("z.md", text, "en")]).ask("zebra kinds keys")
    assert answer.text == "**Wide**\n\nWide ones."


def test_the_shipped_knowledge_answers_from_its_articles() -> None:
    answer = Library.from_folder(KNOWLEDGE).ask("how do I downgrade my support plan")
    assert answer.band == "answer"
    assert answer.sources[0].path.startswith("knowledge/")


def test_a_broken_article_names_its_file(tmp_path: Path) -> None:
    for name in ("thesaurus.yml", "question_words.yml"):
        (tmp_path / name).write_text((KNOWLEDGE / name).read_text(encoding="utf-8"))
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "bad.md").write_text("---\ntitle: x\n")
    with pytest.raises(ContentError, match=r"en/bad\.md: .*never closes"):
        Library.from_folder(tmp_path)


def test_an_overlong_question_is_read_at_its_beginning(library: Library) -> None:
    assert first(library, "create a branch " + "x" * 100_000)[0] == "tidb-cloud/branch-manage.md"


def test_a_section_answers_by_its_place(library: Library) -> None:
    place = SectionPlace("en", "tidb-cloud/backup-and-restore.md", "configure-backup-schedule")
    found = library.answer_from(place, "when are backups made?")
    assert found.band == "answer"
    assert "Choose a time" in found.text
    assert found.rests_on[0][0] == "configure-backup-schedule"
    gone = SectionPlace("en", "tidb-cloud/backup-and-restore.md", "no-such-section")
    assert library.answer_from(gone, "when are backups made?").band == "unknown"


def test_an_answer_rests_on_every_section_whose_words_it_gives(library: Library) -> None:
    text = "# Relays\n\n## Steps\n\nShort.\n\n### First\n\nOpen it.\n\n### Second\n\nClose it.\n"
    changed = library.with_pages([parse_page("tidb-cloud/relays.md", text, "en")])
    found = changed.answer_from(SectionPlace("en", "tidb-cloud/relays.md", "steps"), "steps?")
    assert "Close it." in found.text
    assert [anchor for anchor, _ in found.rests_on] == ["steps", "first", "second"]
