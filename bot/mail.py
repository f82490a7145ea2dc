"""E-mail over SMTP: one message at a time, each on a connection of its own.

SMTP has one moment of doubt: after the message's last line and before the server's answer. What
breaks there ends as `OutcomeUnknown`; everything before it is surely not sent.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email import policy
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from bot.desk.errors import GiveUp, OutcomeUnknown, TryLater
from bot.service.ports import Mail

TIME_OUT = 20.0
"""Seconds for each step of the conversation with the server."""
_ASCII = policy.SMTP.clone(cte_type="7bit", max_line_length=78)
"""Readable by servers that know no 8-bit text: other letters travel encoded."""


class Smtp:
    """`smtp://[user:password@]host[:port]` (STARTTLS where it is offered) or `smtps://…`."""

    def __init__(
        self, url: str, sender: str, tls: ssl.SSLContext | None = None, time_out: float = TIME_OUT
    ) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._tls = tls
        self._time_out = time_out

    def send(self, mail: Mail) -> None:
        """Hand the message over. Raises as `bot.service.ports.Mailer` says."""
        content = as_message(mail, self._sender).as_bytes()
        try:
            server = self._connected()
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise TryLater(f"the mail server does not answer: {error}") from error
        try:
            self._hand_over(server, mail.recipient, content)
        finally:
            # The message is accepted or not by now; how we part changes nothing.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        host, url = self._url.hostname or "", self._url
        if url.scheme == "smtps":
            port = url.port or smtplib.SMTP_SSL_PORT
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=self._time_out, context=self._context()
            )
        else:
            server = smtplib.SMTP(host, url.port or 587, timeout=self._time_out)
        try:
            self._greet(server, url)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP, url: SplitResult) -> None:
        server.ehlo_or_helo_if_needed()
        safe = url.scheme == "smtps"
        if not safe and server.has_extn("starttls"):
            server.starttls(context=self._context())
            server.ehlo()
            safe = True
        if url.username:
            if not safe:
                raise GiveUp("the mail server offers no TLS: the password was not sent to it")
            server.login(unquote(url.username), unquote(url.password or ""))

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    def _hand_over(self, server: smtplib.SMTP, recipient: str, content: bytes) -> None:
        try:
            for code, answer in (server.mail(self._sender), server.rcpt(recipient)):
                if not 200 <= code < 300:
                    raise _refused(code, answer)
        except (OSError, smtplib.SMTPException) as error:
            raise TryLater(f"the mail server broke off: {error}") from error
        try:
            code, answer = server.data(content)
        except smtplib.SMTPDataError as error:
            # It did not even want to hear the message.
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise OutcomeUnknown(f"the mail server broke off at the end: {error}") from error
        if code < 200:
            raise OutcomeUnknown("the mail server's last answer cannot be read")
        if code >= 400:
            raise _refused(code, answer)


def as_message(mail: Mail, sender: str) -> EmailMessage:
    """Plain text and HTML, with headers that no value can break out of."""
    domain = sender.rpartition("@")[2]
    message = EmailMessage(policy=_ASCII)
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = mail.at
    message["Message-ID"] = f"<{mail.name}@{domain}>"
    if mail.answers:
        message["In-Reply-To"] = message["References"] = f"<{mail.answers}@{domain}>"
    # RFC 3834: no holiday note comes back.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _refused(code: int, answer: bytes | str) -> GiveUp | TryLater:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    reason = f"the mail server said {code} {' '.join(words.split())[:200]}"
    return GiveUp(reason) if code >= 500 else TryLater(reason)
