"""What the documents say to a new technical request: for staff, in the staff thread, only there."""

from __future__ import annotations

from bot.desk.requests import Request
from bot.service.house import House
from bot.service.posting import Posting, key_ref

_TECHNICAL = frozenset({"get_cluster_support", "apply_beta"})
_MOST = 3


def suggest_pages(house: House, posting: Posting, request: Request) -> None:
    """Owe the best sections with a button that puts one into a reply; nothing where none fits."""
    if request.intent not in _TECHNICAL:
        return
    sources = house.answers.sources_for(request.summary, request.language)[:_MOST]
    if not sources:
        return
    rendered = house.content.templates.message(
        "page_suggestions", house.staff_language, request=request, sources=sources
    )
    posting.message(
        request.staff_channel,
        rendered,
        thread=key_ref(request.card),
        key=f"pages:{request.id}",
        request_id=request.id,
    )
