"""Small tables: what files and rows last agreed on, moved addresses, text not yet saved, what readers say of a page."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .working import Guide


class Agreed(models.Model):
    """The text of a unit when file and row were last the same: the ancestor of a three-way comparison."""

    unit = models.CharField(max_length=300, unique=True)
    text = models.TextField(blank=True)

    class Meta:
        verbose_name = _("agreed text")
        verbose_name_plural = _("agreed texts")

    def __str__(self) -> str:
        return str(self.unit)


class OldAddress(models.Model):
    """An address that once answered and now leads elsewhere."""

    path = models.CharField(_("old address"), max_length=300, unique=True)
    to = models.CharField(_("leads to"), max_length=300)
    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="old_addresses")

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        ordering = ["path"]

    def __str__(self) -> str:
        return f"{self.path} → {self.to}"


class Unsaved(models.Model):
    """What somebody has typed into a form and not saved yet. Never a revision; deleted after 30 days."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    unit = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("unsaved text")
        verbose_name_plural = _("unsaved texts")
        constraints = [models.UniqueConstraint(fields=["user", "unit"], name="unsaved_one_per_unit")]

    def __str__(self) -> str:
        return str(self.unit)


class Feedback(models.Model):
    """What a reader said of a page and of the text it then had. Who it was is nowhere; deleted after 12 months."""

    LONGEST = 2_000

    page = models.CharField(_("page"), max_length=200)
    release = models.CharField(_("version"), max_length=10, blank=True)
    useful = models.BooleanField(_("useful"), null=True, blank=True)
    text = models.TextField(_("what they said"), blank=True, max_length=LONGEST)
    at = models.DateTimeField(_("at"), db_index=True)

    class Meta:
        verbose_name = _("reader’s word")
        verbose_name_plural = _("readers’ words")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return str(self.page)
