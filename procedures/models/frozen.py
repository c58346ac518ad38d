"""What was handed in, signed and released. Append-only: triggers in the database refuse changes (see `triggers`)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..document import FORMAT, Document, decode, fingerprint
from .working import Guide


class UnreadableText(ValueError):
    """A stored text is not what was handed in, or this program cannot read it. Nothing of it may be shown."""

    def __init__(self, revision: Revision, why: str) -> None:
        self.revision = revision
        super().__init__(f"{revision}: {why}")


class StoredText(models.TextField):
    """A text that is compared with its fingerprint whenever it is read.

    SQLite keeps whatever bytes there are, and one that is no UTF-8 any more would fail the whole question, for all other
    rows too. So they are asked for as bytes; what cannot be decoded comes as U+FFFD, and the fingerprint tells.
    """

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        if compiler.connection.vendor == "sqlite":
            return f"CAST({sql} AS BLOB)", params
        return super().select_format(compiler, sql, params)  # type: ignore[no-any-return]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value.decode("utf8", "replace") if isinstance(value, bytes) else value

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs  # what is stored is the same


class Revision(models.Model):
    """A guide's whole text as it was handed in. `document` and `hash` never change; `state` moves by `publishing` only."""

    class State(models.TextChoices):
        IN_REVIEW = "in-review", _("in review")
        SENT_BACK = "sent-back", _("sent back")
        REPLACED = "replaced", _("replaced by a newer one")
        APPROVED = "approved", _("signed")
        SCHEDULED = "scheduled", _("signed, will be published")
        LIVE = "live", _("live")
        SUPERSEDED = "superseded", _("was live")
        WITHDRAWN = "withdrawn", _("taken down")

    class Change(models.TextChoices):
        TYPO = "typo", _("typing mistake")
        WORDING = "wording", _("wording")
        EVIDENCE = "evidence", _("evidence")
        SAFETY = "safety", _("safety")

    ON_ITS_WAY = (State.IN_REVIEW, State.APPROVED, State.SCHEDULED)

    guide = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    document = StoredText(_("document"), help_text=_("Canonical JSON."))
    hash = models.CharField(_("fingerprint"), max_length=64, help_text=_("SHA-256 of the document."))
    slug = models.CharField(max_length=200, null=True, editable=False)
    """The guide's address in `document`, kept beside it so that a text can be found by it. None: the text cannot be read."""
    format = models.PositiveSmallIntegerField(default=FORMAT)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.IN_REVIEW)
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of change"), max_length=10, choices=Change, default=Change.WORDING)
    note = models.TextField(_("note"), blank=True)
    scheduled_for = models.DateTimeField(_("to be published at"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("handed-in text")
        verbose_name_plural = _("handed-in texts")
        ordering = ["guide", "-number"]
        indexes = [models.Index(fields=["slug"], name="revision_slug")]
        constraints = [
            models.UniqueConstraint(fields=["guide", "number"], name="revision_number_once"),
            models.UniqueConstraint(
                fields=["guide"],
                condition=Q(state__in=["in-review", "approved", "scheduled"]),
                name="revision_one_on_its_way",
            ),
            models.UniqueConstraint(fields=["guide"], condition=Q(state="live"), name="revision_one_live"),
        ]

    def __str__(self) -> str:
        return f"{self.guide} · {self.number}"

    def read(self) -> Document:
        """The document, parsed. Raises UnreadableText when this program cannot read it, or it is not what was handed in."""
        if fingerprint(self.document) != self.hash:
            raise UnreadableText(self, "the stored text does not match its fingerprint (manage.py verify names all)")
        try:
            return _decoded(self.document)
        except ValueError as error:
            raise UnreadableText(self, f"the stored text cannot be read ({error})") from error

    @property
    def is_readable(self) -> bool:
        """Whether the stored text still is, byte by byte, the one that was handed in, and `read` gives it."""
        try:
            self.read()
        except UnreadableText:
            return False
        return True


_decoded = lru_cache(maxsize=16)(decode)
"""A page is asked for again and again; a document is frozen, so it can be shared."""


class Review(models.Model):
    """A clinician's name under exactly one text: the sign-off of a revision's hash."""

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reviews")
    hash = models.CharField(_("fingerprint signed"), max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    credentials = models.CharField(_("credentials"), max_length=200)
    registration = models.CharField(_("registration"), max_length=200, blank=True)
    own_text = models.BooleanField(_("reviewer also wrote"), default=False)
    date = models.DateField(_("signed on"))
    next_due = models.DateField(_("next review due"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-date", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(next_due__gt=models.F("date")), name="review_due_after_date")]

    def __str__(self) -> str:
        return f"{self.name}, {self.date}"


class PublicationEvent(models.Model):
    """One step of `publishing`, or a change that acts at once (clinic record, picture taken down)."""

    guide = models.ForeignKey(Guide, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    from_revision = models.ForeignKey(Revision, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_revision = models.ForeignKey(Revision, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(_("step"), max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    why = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.step} · {self.guide}"


class Edit(models.Model):
    """One save of a unit of the working text, by whom and from where; the words themselves are kept."""

    class Origin(models.TextChoices):
        ADMIN = "admin", _("written here")
        FILE = "file", _("loaded from a file")
        RESTORE = "restore", _("brought back")
        CONFLICT = "conflict", _("not taken: somebody else saved first")

    guide = models.ForeignKey(Guide, null=True, blank=True, on_delete=models.PROTECT, related_name="edits")
    unit = models.CharField(_("what"), max_length=300, db_index=True)
    text = models.TextField(_("text"), blank=True, help_text=_("Canonical JSON; empty: removed."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    origin = models.CharField(_("from"), max_length=10, choices=Origin)

    class Meta:
        verbose_name = _("edit")
        verbose_name_plural = _("edits")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return str(self.unit)
