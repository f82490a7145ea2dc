"""Importing documentation on every engine: versions, what stays, and one sync at a time."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlmodel import select

from bot.answers.document_index import DocumentIndexes
from bot.desk.errors import SetupFault
from bot.service.serving import ServedLibrary
from bot.service.syncing import Syncing, SyncReport
from bot.storage.database import Database
from bot.storage.knowledge import Knowledge
from bot.storage.sync_lease import LEASE, SyncLease
from bot.storage.tables import KbPage, KbSection, KbSync, KbVersion
from bot.storage.unit_of_work import look, work
from tests.support.doc_trees import FOG, LAMP, TREE, write_tree
from tests.support.house import ROOT

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


class Desk:
    """A database, a folder to import, and what a bot on it answers from."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.tree = folder / "docs"
        self.knowledge = folder / "knowledge"
        self.cache = folder / "cache"
        self.now = NOON
        (self.knowledge / "en").mkdir(parents=True)
        for name in ("thesaurus.yml", "question_words.yml"):
            shutil.copy(ROOT / "knowledge" / name, self.knowledge)
        own = "---\ntitle: Our Own Keepers\nurl: https://x.example/\n---\n\nAsk the keeper.\n"
        (self.knowledge / "en" / "keepers.md").write_text(own, encoding="utf-8")

    def clock(self) -> datetime:
        return self.now

    def syncing(self, tell: Callable[[str, int, int], None] = lambda *_: None) -> Syncing:
        return Syncing(self.database, self.knowledge, self.cache, self.clock, tell)

    def sync(self, files: Mapping[str, str | bytes] = TREE, **how: Any) -> SyncReport:
        return self.syncing().run(write_tree(self.tree, files), **how)

    def served(self) -> ServedLibrary:
        return ServedLibrary(self.database, self.knowledge, self.cache, self.clock)

    def pages(self) -> set[tuple[str, str]]:
        """What a bot that starts now would search."""
        return set(self.served().library.index.page_hashes())

    def rows(self, table: type[Any]) -> int:
        with self.database.reading() as session:
            return len(session.exec(select(table)).all())

    def sentence(self, path: str, position: int) -> str:
        with look(self.database, self.now) as uow:
            version = uow.knowledge.newest_number()
            entry = uow.knowledge.entries(version)["en", path]
            (page,) = uow.knowledge.pages([entry.id])
            return page.sections[position].markdown


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.removed, len(report.failed)


OWN = ("en", "knowledge/keepers.md")


def test_a_tree_becomes_a_version_and_is_searched_beside_our_own_articles(desk: Desk) -> None:
    report = desk.sync()
    assert (report.version, report.pages, report.sections) == (1, 3, 7)
    assert counts(report) == (3, 0, 0, 0)
    assert report.languages == ["en", "ja"]
    assert desk.pages() == {
        OWN, ("en", "lamp.md"), ("en", "signals/fog.md"), ("ja", "lamp.md")
    }  # fmt: skip
    found = desk.served().library.sources_for("how do I fill the reservoir?")
    assert (found[0].path, found[0].anchor) == ("lamp.md", "fill-the-reservoir")


def test_what_is_stored_is_what_was_parsed(desk: Desk) -> None:
    desk.sync()
    parsed = desk.served().library.index
    shutil.rmtree(desk.cache)
    rebuilt = desk.served().library.index
    for language, shelf in parsed.shelves.items():
        other = rebuilt.shelves[language]
        assert sorted(shelf.places) == sorted(other.places)
        assert sorted(shelf.vocabulary) == sorted(other.vocabulary)
        texts = {(one.path, bytes(text)) for one in shelf.pages for text in one.sections}
        assert texts == {(one.path, bytes(text)) for one in other.pages for text in one.sections}


def test_the_same_tree_again_touches_nothing(desk: Desk) -> None:
    desk.sync()
    report = desk.sync()
    assert (report.version, report.pages, report.sections) == (1, 3, 7)
    assert counts(report) == (0, 0, 0, 0)
    assert desk.rows(KbVersion) == 1


def test_only_what_changed_is_parsed_and_what_was_deleted_goes(desk: Desk) -> None:
    desk.sync()
    changed = {"en/lamp.md": LAMP.replace("four litres", "five litres"), "ja/lamp.md": "# 灯り\n"}
    parsed: list[int] = []

    def tell(step: str, _done: int, whole: int) -> None:
        if step == "parsing":
            parsed.append(whole)

    report = desk.syncing(tell).run(write_tree(desk.tree, changed))
    assert counts(report) == (0, 2, 1, 0)
    assert parsed == [2, 2]
    assert "five litres" in desk.sentence("lamp.md", 1)
    assert desk.pages() == {OWN, ("en", "lamp.md"), ("ja", "lamp.md")}


def test_old_versions_do_not_pile_up(desk: Desk) -> None:
    for litres in ("one", "two", "three", "four", "five"):
        desk.sync({"en/lamp.md": LAMP.replace("four litres", f"{litres} litres")})
    assert desk.rows(KbPage) == 2  # the one that is served, and the one before it
    assert desk.rows(KbSection) == 6


def test_a_sync_of_one_language_leaves_the_others(desk: Desk) -> None:
    desk.sync()
    only = write_tree(desk.tree.parent / "more", {"fog.md": FOG})
    report = desk.syncing().run(only, "en")
    assert counts(report) == (1, 0, 2, 0)
    assert desk.pages() == {OWN, ("en", "fog.md"), ("ja", "lamp.md")}


def test_a_page_that_cannot_be_read_keeps_its_earlier_sections(desk: Desk) -> None:
    desk.sync()
    broken: dict[str, str | bytes] = {
        **TREE,
        "en/lamp.md": b"# caf\xe9\n",
        "en/signals/fog.md": "---\ntitle: [\n---\n",
        "ja/lamp.md": "no title at all",
    }
    report = desk.sync(broken)
    assert counts(report) == (0, 0, 0, 3)
    reasons = {failed.path: failed.reason for failed in report.failed}
    assert "is not UTF-8" in reasons["en/lamp.md"]
    assert "is not YAML" in reasons["en/signals/fog.md"]
    assert "has no title" in reasons["ja/lamp.md"]
    assert "four litres" in desk.sentence("lamp.md", 1)
    assert len(desk.pages()) == 4


def test_a_defect_of_the_parser_costs_one_page(desk: Desk) -> None:
    from bot.service import doc_tree

    parse = doc_tree.parse_page

    def breaking(path: str, *rest: Any) -> Any:
        if path == "lamp.md":
            raise IndexError("list index out of range")
        return parse(path, *rest)

    with patch.object(doc_tree, "parse_page", breaking):
        report = desk.sync()
    assert counts(report) == (1, 0, 0, 2)
    assert "IndexError" in report.failed[0].reason


def test_variables_decide_too_whether_a_page_is_parsed_again(desk: Desk) -> None:
    files = {"en/a.md": "# A\n\nBuy {{{ .plan.small }}} now.\n", "en/b.md": "# B\n\nNothing.\n"}
    write_tree(desk.tree, files)
    (desk.tree / "variables.json").write_text('{"plan": {"small": "Dinghy"}}', encoding="utf-8")
    desk.sync(files)
    assert desk.sentence("a.md", 0) == "Buy Dinghy now."
    (desk.tree / "variables.json").write_text('{"plan": {"small": "Skiff"}}', encoding="utf-8")
    assert counts(desk.sync(files)) == (0, 1, 0, 0)
    assert desk.sentence("a.md", 0) == "Buy Skiff now."
    (desk.tree / "variables.json").write_text("{", encoding="utf-8")
    with pytest.raises(SetupFault, match=r"variables\.json: cannot be read as JSON"):
        desk.sync(files)


def test_a_tree_without_pages_changes_nothing(desk: Desk) -> None:
    desk.sync()
    with pytest.raises(SetupFault, match="holds no Markdown"):
        desk.sync({"readme.txt": "hello"})
    assert len(desk.pages()) == 4


def test_another_address_of_the_site_is_a_version_of_its_own(desk: Desk) -> None:
    desk.sync()
    report = desk.sync(url_base="https://docs.lighthouse.example")
    assert (report.version, counts(report)) == (2, (0, 0, 0, 0))
    (source, *_) = desk.served().library.sources_for("fill the reservoir")
    assert source.url.startswith("https://docs.lighthouse.example/tidbcloud/lamp#")
    assert desk.sync().version == 2  # the address stays until another one is given


def test_a_large_page_and_wide_characters_come_back_whole(desk: Desk) -> None:
    body = "🗼 灯台の説明。\n\n" + "A lantern of many words. " * 20_000
    desk.sync({"en/large.md": f"# Large\n\n## 🗼 Part\n\n{body}\n"})
    assert desk.sentence("large.md", 1) == body.rstrip()


# --- several processes --------------------------------------------------------------------------


def test_a_running_bot_swaps_when_a_version_is_published(desk: Desk) -> None:
    served = desk.served()
    assert served.version == 0
    assert not served.refresh()
    desk.sync()
    before = served.library
    assert served.refresh()
    assert served.version == 1
    assert before is not served.library
    assert not served.refresh()


def test_replicas_serve_the_same_pages_whatever_they_have_in_their_cache(desk: Desk) -> None:
    desk.sync()
    here = desk.served()
    desk.sync({**TREE, "en/lamp.md": LAMP.replace("four", "nine")})
    here.refresh()
    desk.cache = desk.cache.with_name("another machine")
    there = desk.served()
    assert here.version == there.version == 2
    hashes = here.library.index.page_hashes()
    assert hashes == there.library.index.page_hashes()


def test_the_index_is_kept_under_what_it_holds(desk: Desk) -> None:
    desk.sync()
    with patch.object(DocumentIndexes, "build", side_effect=AssertionError("built again")):
        assert desk.served().version == 1
    article = desk.knowledge / "en" / "keepers.md"
    article.write_text("---\ntitle: Keepers\n---\n\nChanged.\n", encoding="utf-8")
    titles = {
        place.partition("\t")[0] for place in desk.served().library.index.shelves["en"].places
    }
    assert "Keepers" in titles
    assert "Our Own Keepers" not in titles


def test_an_index_file_that_is_damaged_is_built_again(desk: Desk) -> None:
    desk.sync()
    (file,) = desk.cache.glob("documents-*.index")
    file.write_bytes(file.read_bytes()[:100])
    assert len(desk.pages()) == 4


class Stopped(BaseException):
    """Stands for a process that ends in the middle of something."""


@pytest.mark.parametrize("step", ["parsing", "storing", "indexing", "publishing"])
def test_a_sync_that_breaks_off_leaves_the_old_answers_and_the_next_one_succeeds(
    desk: Desk, step: str
) -> None:
    desk.sync()

    def tell(now: str, *_: int) -> None:
        if now == step:
            raise Stopped

    changed = write_tree(desk.tree, {"en/lamp.md": LAMP.replace("four", "six"), "en/new.md": FOG})
    with patch.object(SyncLease, "abandon"), pytest.raises(Stopped):
        desk.syncing(tell).run(changed)
    assert len(desk.pages()) == 4
    assert "four litres" in desk.sentence("lamp.md", 1)
    desk.now += LEASE + timedelta(seconds=1)
    assert counts(desk.syncing().run(changed)) == (1, 1, 2, 0)
    assert "six litres" in desk.sentence("lamp.md", 1)


def test_two_syncs_at_once_and_the_second_says_so(desk: Desk) -> None:
    said: list[str] = []

    def tell(step: str, *_: int) -> None:
        if step == "parsing" and not said:
            with pytest.raises(SetupFault) as fault:
                desk.syncing().run(desk.tree)
            said.append(str(fault.value))

    assert desk.syncing(tell).run(write_tree(desk.tree, TREE)).version == 1
    assert said[0].startswith(
        f"another sync is running since 12:00:00 UTC (process {os.getpid()} on"
        f" {socket.gethostname()})"
    )


def test_the_lease_of_a_process_that_died_here_is_free_at_once(desk: Desk) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    SyncLease(desk.database).take(desk.now)
    with work(desk.database, desk.now) as uow:
        row = uow.session.get(KbSync, 1)
        assert row is not None
        row.pid = dead.pid
    assert desk.sync().version == 1


def test_the_lease_of_another_machine_is_free_when_it_is_over(desk: Desk) -> None:
    SyncLease(desk.database).take(desk.now)
    with work(desk.database, desk.now) as uow:
        row = uow.session.get(KbSync, 1)
        assert row is not None
        row.host, row.pid = "elsewhere", 1
    with pytest.raises(SetupFault, match=r"on elsewhere\).* may start at 12:00:30 UTC"):
        desk.sync()
    desk.now += LEASE
    assert desk.sync().version == 1


def test_a_sync_that_was_overtaken_writes_nothing_more(desk: Desk) -> None:
    def tell(step: str, *_: int) -> None:
        if step == "storing":
            desk.now += LEASE + timedelta(seconds=1)
            SyncLease(desk.database).take(desk.now)

    with pytest.raises(SetupFault, match="another one has begun"):
        desk.syncing(tell).run(write_tree(desk.tree, TREE))
    assert desk.rows(KbVersion) == desk.rows(KbPage) == 0


def test_a_version_that_is_dropped_while_it_is_read_is_not_served_in_part(desk: Desk) -> None:
    desk.sync()
    shutil.rmtree(desk.cache)
    pages = Knowledge.pages
    dropped: list[bool] = []

    def meanwhile(knowledge: Knowledge, ids: Any) -> Any:
        if not dropped:
            dropped.append(True)
            return iter([])
        return pages(knowledge, ids)

    with patch.object(Knowledge, "pages", meanwhile):
        assert len(desk.pages()) == 4
    assert dropped
