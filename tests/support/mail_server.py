"""A mail server on a port of its own in the test process, and what it was given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """`recipient` and `content` are what the server says to RCPT and to the whole message."""

    port: int = 0
    recipient: str = "250 OK"
    content: str = "250 accepted"
    hangs_up: bool = False
    """The connection breaks once the message is there."""
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.content.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.to.append(list(envelope.rcpt_tos))
        if self.hangs_up:
            server.transport.close()
        return self.content


@contextmanager
def serving(mailbox: Mailbox) -> Iterator[Mailbox]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    if not mailbox.port:
        # aiosmtpd knocks at the port that it was told; 0 means a free one.
        import socket

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            controller.port = mailbox.port = free.getsockname()[1]
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def parts(mail: EmailMessage) -> tuple[str, str]:
    """Plain text and HTML."""
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    return str(text.get_content()), str(html.get_content())
