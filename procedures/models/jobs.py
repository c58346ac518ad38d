"""What the jobs that run by themselves remember: mails sent, links tried, when a job was done first."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .shared import Source


class Notice(models.Model):
    """One thing one person was to be told by mail. The row is made before the mail is sent, so nothing is told twice."""

    TRIES = 5
    """How often it is tried to send it before it is given up."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100, help_text=_("What it is about, such as: review:17."))
    at = models.DateTimeField(_("at"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    words = models.CharField(_("what went wrong"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]

    def __str__(self) -> str:
        return f"{self.key} · {self.user}"


class NoMail(models.Model):
    """Somebody who has turned notices off. Invitations and new passwords are still sent."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="no_mail"
    )

    class Meta:
        verbose_name = _("person without mails")
        verbose_name_plural = _("people without mails")

    def __str__(self) -> str:
        return str(self.user)


class LinkCheck(models.Model):
    """What the link of a source answered when it was last tried."""

    UNSURE = frozenset({401, 403, 405, 429, 451, 503})
    """Answers of servers that let no program in, or not now: they do not say that the link is broken."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, primary_key=True, related_name="link_check")
    url = models.CharField(_("address"), max_length=1000)
    at = models.DateTimeField(_("at"))
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    ok = models.BooleanField(_("opened"))
    words = models.CharField(_("in words"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self) -> str:
        return f"{self.url}: {self.words}"


class Job(models.Model):
    """When a job that waits after a first start was first run on this database."""

    name = models.CharField(max_length=40, primary_key=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return str(self.name)
