"""Send one e-mail by SMTP, step by step, so that the outcome is known.

Django's own backend only says that something went wrong. Here the outcomes differ: a failure before the last byte of
the message, temporary or permanent, means that it was not delivered; a failure after it leaves the delivery unknown.
"""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address
from django.core.mail.utils import DNS_NAME

from core.delivery_outcomes import DeliveryUnknown, NotSent, PermanentFailure, TemporaryFailure

__all__ = ["DeliveryUnknown", "NotSent", "NotSetUp", "PermanentFailure", "TemporaryFailure", "send"]

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
# Servers look into a message before they accept it: the last answer may take this many times longer than others.
SCANNING_FACTOR = 3


class NotSetUp(BaseEmailBackend):
    """What stands in for a mail server until EMAIL_URL names one: it fails like one that is away."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise OSError("E-mail is not set up: EMAIL_URL is empty.")


def send(message: EmailMessage) -> None:
    """Send the message to its one recipient; return once the server has accepted it, else raise one of the above."""
    if settings.EMAIL_BACKEND == SMTP_BACKEND:
        _send_by_smtp(message)
        return
    try:
        mail.get_connection().send_messages([message])
    except Exception as error:  # files, a console, memory: nothing left this machine
        raise TemporaryFailure(_first_line(error)) from error


def _send_by_smtp(message: EmailMessage) -> None:
    (recipient,) = message.recipients()
    content = message.message().as_bytes()  # by the message's own policy; _quoted makes the ends of lines
    with _nothing_sent_yet():
        server = _connect()
    try:
        with _nothing_sent_yet():
            options = ["body=8bitmime"] if server.has_extn("8bitmime") else []
            _expect(server.mail(sanitize_address(message.from_email, "utf-8"), options), 250)
            _expect(server.rcpt(sanitize_address(recipient, "utf-8")), 250, 251)
            _expect(server.docmd("DATA"), 354)
            # Without its last dot the message is not complete, so a break here is no delivery.
            server.send(_quoted(content))
        _hand_over(server)
    finally:
        _quit(server)


def _connect() -> smtplib.SMTP:
    context = ssl.create_default_context()
    options = {"timeout": settings.EMAIL_TIMEOUT, "local_hostname": DNS_NAME.get_fqdn()}
    server = (
        smtplib.SMTP_SSL(settings.EMAIL_HOST, settings.EMAIL_PORT, context=context, **options)
        if settings.EMAIL_USE_SSL
        else smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, **options)
    )
    try:
        server.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except BaseException:
        server.close()
        raise
    return server


@contextlib.contextmanager
def _nothing_sent_yet() -> Iterator[None]:
    """An error in this block comes before the message is complete: it is a NotSent."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TemporaryFailure(_first_line(error)) from error


def _hand_over(server: smtplib.SMTP) -> None:
    """Send the last dot and wait for the answer. From here on silence says nothing, and only 4xx and 5xx say no."""
    try:
        with _nothing_sent_yet():  # a dot that found the connection broken completed nothing
            server.send(b".\r\n")
        server.sock.settimeout(settings.EMAIL_TIMEOUT * SCANNING_FACTOR)  # type: ignore[union-attr]
        code, answer = server.getreply()
    except NotSent:
        raise
    except Exception as error:  # whatever it was, a task's time limit included
        raise DeliveryUnknown(_first_line(error)) from error
    if 400 <= code <= 599:
        raise _refusal(code, answer)
    if not 200 <= code <= 299:
        raise DeliveryUnknown(_first_line(answer))


def _quoted(content: bytes) -> bytes:
    """The message as SMTP sends it: lines end in CRLF and a dot at the start of a line is doubled."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n")
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)


def _expect(reply: tuple[int, bytes], *codes: int) -> None:
    if reply[0] not in codes:
        raise _refusal(*reply)


def _refusal(code: int, answer: bytes | str) -> NotSent:
    kind = PermanentFailure if 500 <= code <= 599 else TemporaryFailure
    return kind(f"{code} {_first_line(answer)}")


def _quit(server: smtplib.SMTP) -> None:
    """End the conversation. The outcome is decided: an error here, a task's time limit included, must not change it."""
    with contextlib.suppress(Exception):
        server.quit()
    server.close()


def _first_line(what: "BaseException | bytes | str") -> str:
    """Something readable of an answer or an error, on one line; of an error without words, its name."""
    text = what.decode("utf-8", "replace") if isinstance(what, bytes) else str(what) or type(what).__name__
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:250]
