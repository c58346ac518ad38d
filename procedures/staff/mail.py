"""Mail to staff. Where it goes is EMAIL_URL; without one it is printed by the server."""

from __future__ import annotations

import logging
import smtplib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.core.mail import send_mail
from django.template.loader import render_to_string

log = logging.getLogger(__name__)
ASIDE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
"""Sends what nobody waits for."""


def is_set_up() -> bool:
    """Whether mail leaves this machine."""
    return not str(settings.EMAIL_BACKEND).endswith(("console.EmailBackend", "dummy.EmailBackend"))


def send(template: str, *, to: str, **about: Any) -> str:
    """Sends `template` (its first line is the subject) now. Gives "" or, if it could not be sent, why."""
    subject, _line, text = render_to_string(template, about).partition("\n")
    try:
        send_mail(subject.strip(), text.strip() + "\n", None, [to])
    except (smtplib.SMTPException, OSError) as error:
        log.warning("A mail could not be sent: %s", error)
        return str(error) or type(error).__name__
    return ""


class ResetForm(PasswordResetForm):
    """Django's, but its mail is sent aside: the answer takes as long for an address that nobody has."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        ASIDE.submit(super().send_mail, *args, **kwargs)
