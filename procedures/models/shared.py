"""Rows that guides share. Documents carry copies, so a change here changes no released page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .. import document as shape
from ..document import item_faults, shared_unit
from .working import KeyField, _raise, choices, label, line, several


class Shared(models.Model):
    SHAPE: type

    key = KeyField(_("key"), unique=True, help_text=_("A short name for marks and links; it cannot be changed later."))

    class Meta:
        abstract = True
        ordering = ["key"]

    def __str__(self) -> str:
        return str(self.key)

    def clean(self) -> None:
        from .assembly import part_of

        _raise(item_faults(part_of(self)), self)

    @property
    def unit(self) -> str:
        from .assembly import part_of

        return shared_unit(part_of(self))


class Source(Shared):
    SHAPE = shape.Source

    title = label(_("title"), limit=500, help_text=_("As printed; empty where it was not seen."))
    author = label(_("first author"))
    publisher = label(_("publisher or journal"), blank=False, limit=300)
    date = label(_("date"), limit=120, help_text=_("As printed."))
    kind = label(
        _("kind"), blank=False, limit=300, help_text=_("Such as drug label, outbreak report, systematic review.")
    )
    how = models.CharField(_("how it was read"), max_length=12, choices=choices(shape.How))
    people = label(_("people and design"), limit=500)
    doi = label(_("DOI"))
    pmid = label(_("PubMed number"), limit=20)
    pmcid = label(_("PubMed Central number"), limit=20)
    url = label(_("address"), limit=1000)
    supports = several(_("supports"), help_text=_("Which facts of the fact list it supports."))
    read = models.DateField(_("read on"), null=True, blank=True)
    opened = models.DateField(_("link opened on"), null=True, blank=True)
    note = label(_("note"), limit=1000)

    class Meta(Shared.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return f"{self.key}: {self.title or self.publisher}"[:120]


class GlossaryTerm(Shared):
    SHAPE = shape.Term

    term = label(_("word"), blank=False)
    also = several(_("other names"))
    definition = line(_("plain meaning"), blank=False)
    cites = several(_("sources"), help_text=_("Keys of sources."))

    class Meta(Shared.Meta):
        verbose_name = _("word")
        verbose_name_plural = _("words")
        ordering = ["term"]

    def __str__(self) -> str:
        return str(self.term)


class Image(Shared):
    """A picture that has been decoded, stripped and encoded anew by `images`, stored under its own hash."""

    SHAPE = shape.ImageRecord

    file = label(_("file"), blank=False, limit=80, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    words = label(_("what it shows"), limit=300, help_text=_("Read aloud to people who cannot see it."))
    credit = label(_("credit"), limit=300)
    note = label(_("note"), limit=1000)

    class Meta(Shared.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return f"{self.key}: {self.words}"[:120]

    @property
    def taken_down(self) -> bool:
        """Whether the public gets its present file no more. One query."""
        return PictureFile.objects.hidden().filter(file=self.file).exists()


class PictureFileQuerySet(models.QuerySet["PictureFile"]):
    def hidden(self) -> PictureFileQuerySet:
        """What was taken down: answered with 410 by `/media/`."""
        return self.filter(taken_down=True)

    def of(self, originals: Iterable[str]) -> dict[str, list[PictureFile]]:
        """Original → its files, itself among them if it has a row, the narrowest first. One query, none without names."""
        found: dict[str, list[PictureFile]] = {}
        names = sorted(set(originals))
        for row in self.filter(original__in=names).order_by("width", "file") if names else ():
            found.setdefault(row.original, []).append(row)
        return found


class PictureFile(models.Model):
    """A file under `/media/`: a picture that was ever in the library, or a smaller rendition of one.

    Made by `images`, never changed or deleted, because released text may name it. Only `taken_down` changes.
    """

    file = models.CharField(_("file"), max_length=80, help_text=_("Hash of its own bytes, and its ending."))
    original = models.CharField(
        _("made from"), max_length=80, db_index=True, help_text=_("Itself, if it is no rendition.")
    )
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    taken_down = models.BooleanField(_("taken down"), default=False, db_index=True)

    objects = PictureFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a picture")
        verbose_name_plural = _("files of pictures")
        constraints = [models.UniqueConstraint(fields=["file", "original"], name="picture_file_once")]

    def __str__(self) -> str:
        return str(self.file)


class ClinicQuerySet(models.QuerySet["Clinic"]):
    def present(self) -> Clinic:
        """The clinic's record, empty if nobody has filled it in. One query; writes nothing.

        `logo_gone`: its logo was taken down and must not be shown.
        """
        gone = PictureFile.objects.hidden().filter(file=models.OuterRef("logo__file"))
        return self.select_related("logo").annotate(logo_gone=models.Exists(gone)).first() or Clinic()


class Clinic(models.Model):
    """Who runs the site: one record, shipped empty. Takes effect at once; holds no medical text."""

    one = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = label(_("name"))
    phone = label(_("phone"), limit=40)
    phone_after_hours = label(_("phone after hours"), limit=40)
    address = line(_("address"))
    logo = models.ForeignKey(Image, verbose_name=_("logo"), null=True, blank=True, on_delete=models.PROTECT)
    sells = models.BooleanField(_("sells the procedures described here"), null=True, blank=True)
    paid_by = label(_("who paid for these pages"))

    objects = ClinicQuerySet.as_manager()

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinic")
        constraints = [models.CheckConstraint(condition=Q(one=1), name="clinic_one_record")]

    def __str__(self) -> str:
        return str(self.name or _("Clinic"))

    def clean(self) -> None:
        for name in ("phone", "phone_after_hours"):
            value: Any = getattr(self, name)
            if value and not any(character.isdigit() for character in value):
                raise ValidationError({name: _("A phone number needs digits.")})
