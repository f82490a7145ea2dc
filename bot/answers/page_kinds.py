"""How likely a page of a kind is what a customer asks for, before the question is read."""

from __future__ import annotations

ARTICLE_WEIGHT = 1.08
"""Our own articles win a tie against the documentation, not more."""

_BY_FOLDER = (
    ("tidb-cloud/releases/", 0.7),
    ("tidb-cloud/ticloud-", 0.9),
    ("tidb-cloud/terraform-", 0.85),
    ("tidb-cloud/byoc/", 0.85),
    ("tidb-cloud/", 1.0),
)
_OTHER = 0.9
"""SQL reference and everything beside the product's own guides."""


def page_weight(path: str, article: bool) -> float:
    """Factor on the scores of the page's sections."""
    if article:
        return ARTICLE_WEIGHT
    return next((weight for start, weight in _BY_FOLDER if path.startswith(start)), _OTHER)


def plans_of_path(path: str) -> tuple[str, ...]:
    """The plans a page is for, as far as its path tells."""
    name = path.rpartition("/")[2]
    if "/premium/" in path or name.endswith("-premium.md"):
        return ("premium",)
    if "/byoc/" in path:
        return ("byoc",)
    if "serverless" in name or "/starter/" in path:
        return ("starter", "essential")
    if name.startswith("essential-") or "/essential/" in path:
        return ("essential",)
    if "dedicated" in name or "/dedicated/" in path:
        return ("dedicated",)
    return ()
