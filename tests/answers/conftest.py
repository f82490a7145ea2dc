"""A small library about an invented product, in the documentation's dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers.index import Index
from bot.answers.library import Library
from bot.answers.pages import Page, parse_page
from bot.desk.meaning import Language

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


def english(name: str, title: str, body: str) -> Page:
    text = f"---\ntitle: {title}\nsummary: About {title.lower()}.\n---\n\n# {title}\n\n{body}\n"
    return parse_page(f"tidb-cloud/{name}.md", text, "en")


def translated(page: Page, language: Language, title: str, body: str) -> Page:
    return parse_page(
        page.path, f"---\ntitle: {page.title}\n---\n\n# {title}\n\n{body}\n", language
    )


BACKUP = english(
    "backup-and-restore",
    "Back Up and Restore",
    "How backups work.\n\n## Restore a deleted cluster\n\nOpen the **Recycle Bin**, then see "
    "[branches](/tidb-cloud/branch-manage.md#create-a-branch).\n\n## Configure backup schedule\n\n"
    "1. Open **Backup Settings**.\n2. Choose a time.\n\nTiDB Cloud Dedicated needs a paid plan.",
)
BRANCH = english(
    "branch-manage", "Manage Branches", "## Create a branch\n\nClick **Create Branch**."
)
PRIVATE = english(
    "private-endpoint",
    "Connect via Private Endpoint",
    "## Limits\n\nError 9005: Region is unavailable, try later. The "
    "service is not ready.\n\n## Set up\n\nUse AWS PrivateLink.",
)
DELETE = english("delete-cluster", "Delete a Cluster", "Click **Delete**, it cannot be undone.")
FILLERS = [
    english(f"filler-{word.lower()}", f"Monitor {word}", f"The {word} page shows {word} metrics.")
    for word in ("Latency", "Storage", "Threads", "Alerts", "Events", "Budgets", "Quotas", "Roles")
]
JAPANESE = [
    translated(
        BACKUP,
        "ja",
        "バックアップと復元",
        "仕組みです。\n\n## 削除されたクラスターを復元する {#restore-a-deleted-cluster}\n\n"
        "ごみ箱を開きます。\n\n"
        "## バックアップスケジュールを設定する {#configure-backup-schedule}\n\n"
        "時刻を選びます。",
    ),
    translated(DELETE, "ja", "クラスターを削除する", "削除をクリックします。"),
    *(translated(one, "ja", f"{one.title}の監視", "指標を見ます。") for one in FILLERS),
]


@pytest.fixture(scope="session")
def library() -> Library:
    pages = [BACKUP, BRANCH, PRIVATE, DELETE, *FILLERS, *JAPANESE]
    return Library.from_folder(KNOWLEDGE).with_index(Index.build(pages))
