"""Reading a file from Slack and putting it back elsewhere, in Slack's own steps.

Facts that decide the code (Slack's reference and what was tried):
- in a channel shared between organisations an event only says `check_file_info`: ask `files.info`;
- `url_private` takes the bot's token in the header; without the right to the file Slack answers
  200 with a page to sign in, which is never the file;
- an upload is `files.getUploadURLExternal`, the bytes, `files.completeUploadExternal`. Until the
  last step nobody sees anything, so only that one is not safe to repeat.
"""

from __future__ import annotations

import http.client
import string
from collections.abc import Mapping
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bot.desk.errors import GiveUp, TryLater
from bot.service.ports import FileInfo

CHUNK = 256 * 1024
TIME_OUT = 20
"""Seconds without a byte before a transfer counts as broken."""
_OWN_HOSTS = (".slack.com", ".slack-edge.com", ".slack-files.com")


class _StayHere(HTTPRedirectHandler):
    """Follows no redirect: it leads to a sign-in page, and the token must not go along."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


_OPENER = build_opener(_StayHere)


def file_info(answer: Mapping[str, Any]) -> FileInfo:
    """`files.info` as a value."""
    file = answer.get("file") or {}
    return FileInfo(
        id=str(file.get("id") or ""),
        name=str(file.get("name") or file.get("title") or "file"),
        size=int(file.get("size") or 0),
        mimetype=str(file.get("mimetype") or ""),
        url=str(file.get("url_private_download") or file.get("url_private") or ""),
        permalink=str(file.get("permalink") or ""),
        elsewhere=bool(file.get("is_external")) or file.get("mode") == "external",
        deleted=file.get("mode") in ("tombstone", "hidden_by_limit"),
    )


def fetch(file: FileInfo, token: str, api_host: str, largest: int, into: IO[bytes]) -> bool:
    """Write the bytes into `into`; False when Slack gives something else than the file.

    Raises `TryLater` for a transfer that broke off, `GiveUp` for a file larger than `largest`.
    """
    if not _is_slack(file.url, api_host):
        return False
    # Slack writes its addresses in ASCII; others may not, and urllib takes nothing else.
    address = quote(file.url, safe=string.punctuation)
    request = Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    try:
        with _OPENER.open(request, timeout=TIME_OUT) as answer:
            kind = str(answer.headers.get_content_type())
            if kind == "text/html" and file.mimetype != "text/html":
                return False
            received = 0
            while chunk := answer.read(CHUNK):
                received += len(chunk)
                if received > largest:
                    raise GiveUp(f"download: more than {largest} bytes")
                into.write(chunk)
    except HTTPError as error:
        if error.code == 429 or error.code >= 500:
            raise TryLater(f"download: {error.code}") from error
        return False
    except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise TryLater(f"download: {error}") from error
    if file.size and received != file.size:
        if file.mimetype == "text/html":
            # A page as well, but not this one.
            return False
        raise TryLater(f"download: {received} of {file.size} bytes")
    return True


def put(url: str, content: IO[bytes], size: int) -> None:
    """The second step of an upload. Raises `TryLater`: nothing is seen until the third."""
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    request = Request(url, data=content, headers=headers, method="POST")  # noqa: S310
    try:
        with _OPENER.open(request, timeout=TIME_OUT) as answer:
            answer.read()
    except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise TryLater(f"upload: {error}") from error


def _is_slack(url: str, api_host: str) -> bool:
    """The token goes to Slack and to nobody else, whatever an address says."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == api_host:
        return parts.scheme in ("http", "https")
    return parts.scheme == "https" and host.endswith(_OWN_HOSTS)
