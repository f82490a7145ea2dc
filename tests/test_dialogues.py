"""Conversations as people have them: each file of `tests/dialogues/` is one test.

The real bot is connected to the local workspace over Slack's own protocol; what is checked is
what customers and staff see. One running bot plays all files; each gets customers of its own
(`tests/support/cast.py`). Files in which time passes have a bot of their own, because warnings and
nudges about everybody else's requests would come up as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from bot.sandbox.script import read_script, scripts_in
from bot.storage.sealing import new_key
from tests.support.cast import FURTHER_STEPS, DialoguePlayer
from tests.support.desk import Desk
from tests.support.mail_server import Mailbox, serving

NOT_YET: dict[str, str] = {}
"""Dialogues that show a known defect; each entry goes when its defect does."""
FOLDER = Path(__file__).with_name("dialogues")


def _passes_time(file: Path) -> bool:
    return any(verb == "clock" for verb, _ in read_script(file, FURTHER_STEPS).steps)


def _cases(folder: Path, *, in_time: bool) -> list[ParameterSet]:
    return [
        pytest.param(
            file,
            id=file.stem,
            marks=pytest.mark.xfail(strict=True, reason=NOT_YET[file.stem])
            if file.stem in NOT_YET
            else (),
        )
        for file in scripts_in(folder)
        if _passes_time(file) == in_time
    ]


DIALOGUES = _cases(FOLDER, in_time=False)
IN_TIME = _cases(FOLDER, in_time=True)
ELSEWHERE = (
    "en_called_into_a_thread",
    "en_cluster_support_by_form",
    "en_customer_deletes_a_message",
    "en_customer_edits_a_message",
    "en_direct_message",
    "en_files_both_ways",
    "en_reaction_and_shortcut",
    "en_reactions_both_ways",
    "en_requests_are_merged",
    "en_secrets_never_arrive",
    "en_staff_claims_replies_and_keeps_notes",
    "ja_help_and_documents",
    "zh_forms_for_plans_and_home",
)
"""Played once more where the customer has the app in a workspace of their own."""
WITH_UNDO = _cases(FOLDER / "undo", in_time=False)
"""Conversations with staff replies that wait a second before they are sent."""
WITH_MAIL = [*_cases(FOLDER / "mail", in_time=False), *_cases(FOLDER / "mail", in_time=True)]
"""What reaches people's mailboxes, too, and how their address is asked for."""
JAPANESE_STAFF = _cases(FOLDER / "japanese_staff", in_time=True)
"""What staff are told in Japanese, as time passes."""


@pytest.fixture(scope="module")
def over_sockets(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Desk]:
    with Desk.in_folder(tmp_path_factory.mktemp("sockets"), pytestconfig, accounts=()) as desk:
        yield desk


@pytest.fixture(scope="module")
def over_http(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("http")
    with Desk.in_folder(folder, pytestconfig, transport="http", accounts=()) as desk:
        yield desk


@pytest.fixture(scope="module")
def over_workspaces(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Desk]:
    folder, keys = tmp_path_factory.mktemp("workspaces"), (new_key(),)
    with Desk.in_folder(folder, pytestconfig, token_keys=keys, accounts=()) as desk:
        yield desk


@pytest.fixture(scope="module")
def with_undo(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("undo")
    with Desk.in_folder(folder, pytestconfig, undo_seconds=1.0, accounts=()) as desk:
        yield desk


@pytest.mark.parametrize("file", [FOLDER / f"{name}.yml" for name in ELSEWHERE], ids=ELSEWHERE)
def test_dialogue_in_the_customers_own_workspace(over_workspaces: Desk, file: Path) -> None:
    _play(over_workspaces, file)


@pytest.fixture(scope="module")
def with_mail(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("mail")
    with (
        serving(Mailbox()) as mailbox,
        Desk.in_folder(folder, pytestconfig, mailbox=mailbox, accounts=()) as desk,
    ):
        yield desk


@pytest.mark.parametrize("file", WITH_MAIL)
def test_dialogue_with_a_mail_server(with_mail: Desk, file: Path) -> None:
    _play(with_mail, file)


@pytest.fixture(scope="module")
def in_japanese(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("japanese")
    with Desk.in_folder(folder, pytestconfig, staff_language="ja", accounts=()) as desk:
        yield desk


@pytest.mark.parametrize("file", JAPANESE_STAFF)
def test_dialogue_with_japanese_staff(in_japanese: Desk, file: Path) -> None:
    _play(in_japanese, file)


@pytest.mark.parametrize("file", WITH_UNDO)
def test_dialogue_with_time_to_undo(with_undo: Desk, file: Path) -> None:
    _play(with_undo, file)


@pytest.mark.parametrize("file", DIALOGUES)
def test_dialogue_over_socket_mode(over_sockets: Desk, file: Path) -> None:
    _play(over_sockets, file)


@pytest.mark.parametrize("file", DIALOGUES)
def test_dialogue_over_signed_http(over_http: Desk, file: Path) -> None:
    _play(over_http, file)


@pytest.fixture(scope="module")
def through_time(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Desk]:
    with Desk.in_folder(tmp_path_factory.mktemp("time"), pytestconfig, accounts=()) as desk:
        yield desk


@pytest.mark.parametrize("file", IN_TIME)
def test_dialogue_through_time(through_time: Desk, file: Path) -> None:
    _play(through_time, file)


def _play(desk: Desk, file: Path) -> None:
    player = DialoguePlayer(desk.sandbox, tell=print, desk=desk)
    player.play(read_script(file, FURTHER_STEPS))
