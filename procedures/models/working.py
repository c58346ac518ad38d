"""The working text: exactly one row per thing, edited in the admin, loaded from files."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .. import document as shape
from ..document import Kind, Per, Role, base, item_faults

KEY = RegexValidator(
    rf"^{shape.KEY_PATTERN}$", _("Use small letters, digits and single hyphens, such as side-effects.")
)


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(str(word), str(word).replace("-", " ")) for word in words]


class KeyField(models.CharField):
    """A key: given once, never changed, part of addresses and marks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        kwargs.setdefault("validators", [KEY])
        super().__init__(*args, **kwargs)


class GuideQuerySet(models.QuerySet["Guide"]):
    def live(self) -> GuideQuerySet:
        """Guides the public sees. The only gate there is: every reader's view, feed, sitemap and search asks it."""
        return self.filter(live__isnull=False).select_related("live")

    def withdrawn(self) -> GuideQuerySet:
        return self.filter(withdrawn__isnull=False).select_related("withdrawn")


class Guide(models.Model):
    """A guide's own fields, and the pointers that decide what the public sees.

    `live` is written by `publishing` only. `withdrawn` is the revision that was taken down, so that its address
    can say so and keep its emergency card; at most one of the two is set.
    """

    folder = KeyField(_("folder"), help_text=_("Name in the content folder; what translations share."))
    kind = models.CharField(_("kind"), max_length=20, choices=choices(Kind), default=Kind.PROCEDURE)
    slug = KeyField(_("address"), help_text=_("Part of the web address, such as mesotherapy."))
    language = models.CharField(_("language"), max_length=12, default=shape.DEFAULT_LANGUAGE)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("in short"), blank=True)
    decision = models.TextField(_("the decision"), blank=True, help_text=_("You are deciding whether to …"))
    status_is = models.CharField(_("status"), max_length=30, blank=True, choices=choices(shape.StatusIs))
    status_note = models.TextField(_("status in words"), blank=True)
    status_cites = models.JSONField(_("sources of the status"), default=list, blank=True)
    emergency_call = models.CharField(_("emergency number"), max_length=20, blank=True)
    emergency_place = models.CharField(_("where that number holds"), max_length=60, blank=True)
    translated = models.JSONField(
        _("translated from"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("Of each part of a translation: which wording of the first language it was made from."),
    )
    live = models.OneToOneField(
        "Revision",
        verbose_name=_("live"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn = models.OneToOneField(
        "Revision", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects = GuideQuerySet.as_manager()

    class Meta:
        verbose_name = _("guide")
        verbose_name_plural = _("guides")
        ordering = ["kind", "title", "language"]
        constraints = [
            models.UniqueConstraint(fields=["folder", "language"], name="guide_folder_language_once"),
            models.UniqueConstraint(fields=["slug", "language"], name="guide_slug_language_once"),
            models.CheckConstraint(
                condition=Q(live__isnull=True) | Q(withdrawn__isnull=True), name="guide_live_or_withdrawn"
            ),
            models.CheckConstraint(condition=Q(kind__in=[str(kind) for kind in Kind]), name="guide_kind_known"),
        ]
        permissions = [
            ("submit_guide", _("Can send a guide for review")),
            ("review_guide", _("Can sign a guide or send it back")),
            ("publish_guide", _("Can publish a guide or take it down")),
        ]

    def __str__(self) -> str:
        return self.title if self.language == shape.DEFAULT_LANGUAGE else f"{self.title} ({self.language})"

    @property
    def place(self) -> str:
        """Where its files are in the content folder, such as `mesotherapy` or `mesotherapy/es`."""
        return base(self.folder, self.language)

    def clean(self) -> None:
        from .assembly import own_part

        _raise(item_faults(own_part(self)) + _status_faults(self), self)
        if self.kind == Kind.PROCEDURE and not (self.emergency_call and self.emergency_place):
            raise ValidationError(
                {"emergency_call": _("Say which number to call in an emergency, and where it holds.")}
            )
        if self.slug in shape.RESERVED_AT_ROOT or shape.is_language(self.slug):
            raise ValidationError({"slug": _("The site needs this address itself; choose another.")})
        taken = Section.objects.filter(guide__kind=Kind.SITE, guide__language=self.language)
        if any(section.address == self.slug for section in taken):
            raise ValidationError({"slug": _("A page of the site has this address already; choose another.")})


def _status_faults(guide: Guide) -> list[shape.Fault]:
    from .assembly import status_part

    status = status_part(guide)
    faults = item_faults(status) if status else []
    return [shape.Fault(fault.message, field=f"status_{fault.field}") for fault in faults]


def _raise(faults: list[shape.Fault], row: models.Model) -> None:
    if not faults:
        return
    names = {field.name for field in row._meta.get_fields()}
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.field if fault.field in names else "__all__", []).append(fault.message)
    raise ValidationError(found)


class Part(models.Model):
    """A keyed, ordered piece of a guide. Its fields bear the names of its dataclass in `document`."""

    SHAPE: ClassVar[type]
    LIST: ClassVar[str]
    """Name of its list in a document, which is also the related name."""

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="%(class)ss", editable=False)
    key = KeyField(_("key"), help_text=_("A short name for links and marks; it cannot be changed later."))
    position = models.PositiveIntegerField(_("place"), default=0, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        for name in ("title", "name", "label", "question", "sign", "what", "says"):
            text = getattr(self, name, "")
            if text:
                return str(text) if len(text) <= 80 else f"{text[:79]}…"
        return str(self.key)

    def clean(self) -> None:
        from .assembly import part_of

        _raise(item_faults(part_of(self)), self)

    @property
    def unit(self) -> str:
        if self.LIST == "sections":
            return shape.section_unit(self.guide.place, self.key)
        return shape.part_unit(self.guide.place, self.LIST, self.key)


def _meta(list_name: str, name: Any, plural: Any) -> type:
    """The Meta every part has: file order, keys unique within the guide."""
    return type(
        "Meta",
        (),
        {
            "verbose_name": name,
            "verbose_name_plural": plural,
            "ordering": ["guide", "position", "pk"],
            "constraints": [models.UniqueConstraint(fields=["guide", "key"], name=f"{list_name}_key_once")],
        },
    )


def line(name: Any, *, blank: bool = True, **more: Any) -> models.TextField:
    return models.TextField(name, blank=blank, **more)


def label(name: Any, *, blank: bool = True, limit: int = 200, **more: Any) -> models.CharField:
    return models.CharField(name, max_length=limit, blank=blank, **more)


def several(name: Any, **more: Any) -> models.JSONField:
    return models.JSONField(name, default=list, blank=True, **more)


def cites() -> models.JSONField:
    return several(_("rests on"), help_text=_("Keys of claims or sources."))


class Section(Part):
    SHAPE, LIST = shape.Section, "sections"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="sections", editable=False)
    title = label(_("title"), blank=False)
    nav = label(_("name in lists"), limit=40)
    slug = label(_("address"), limit=60, help_text=_("Left empty, the key is the address."))
    summary = line(_("in short"))
    body = models.TextField(_("text"), blank=True)

    Meta = _meta("section", _("section"), _("sections"))

    @property
    def address(self) -> str:
        return self.slug or self.key

    def clean(self) -> None:
        super().clean()
        reserved = shape.RESERVED_AT_ROOT if self.guide.kind == Kind.SITE else shape.RESERVED_IN_GUIDE
        if self.address in reserved or (self.guide.kind == Kind.SITE and shape.is_language(self.address)):
            raise ValidationError({"slug": _("The site needs this address itself; choose another.")})
        others = Section.objects.filter(guide=self.guide).exclude(pk=self.pk)
        if any(other.address == self.address for other in others):
            raise ValidationError({"slug": _("Another section has this address already; choose another.")})
        if self.guide.kind == Kind.SITE and (
            Guide.objects.filter(kind=Kind.PROCEDURE, language=self.guide.language, slug=self.address).exists()
        ):
            raise ValidationError({"slug": _("A guide has this address already; choose another.")})


class Answer(Part):
    SHAPE, LIST = shape.Answer, "answers"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="answers", editable=False)
    text = line(_("answer"), blank=False)
    more = label(_("read more at"), help_text=_("Such as section:overview."))
    cites = cites()

    Meta = _meta("answer", _("answer"), _("answers"))


class KeyFact(Part):
    SHAPE, LIST = shape.KeyFact, "key_facts"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="key_facts", editable=False)
    label = label(_("label"), blank=False)
    text = line(_("fact"), blank=False)
    cites = cites()

    Meta = _meta("key_fact", _("key fact"), _("key facts"))


class Stage(Part):
    SHAPE, LIST = shape.Stage, "stages"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="stages", editable=False)
    from_day = models.IntegerField(_("from day"), help_text=_("Day 0 is the day of the treatment."))
    to_day = models.IntegerField(_("to day"), null=True, blank=True, help_text=_("Empty: no end."))
    title = label(_("title"), blank=False)
    expect = line(_("what to expect"))
    do = several(_("do"))
    dont = several(_("do not"))
    signs = several(_("warning signs"), help_text=_("Keys of warning signs."))
    cites = cites()

    Meta = _meta("stage", _("stage of recovery"), _("recovery"))


class CostItem(Part):
    SHAPE, LIST = shape.CostItem, "costs"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="costs", editable=False)
    what = line(_("what"), blank=False)
    low = models.PositiveIntegerField(_("from"))
    high = models.PositiveIntegerField(_("to"))
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    per = models.CharField(_("per"), max_length=10, choices=choices(Per))
    year = models.PositiveIntegerField(
        _("year"), null=True, blank=True, help_text=_("Empty: the source gives no year.")
    )
    basis = line(_("where the figure comes from"), blank=False)
    includes = several(_("includes"))
    excludes = several(_("leaves out"))
    cites = cites()

    Meta = _meta("cost", _("cost"), _("costs"))


class Option(Part):
    SHAPE, LIST = shape.Option, "options"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="options", editable=False)
    name = label(_("name"), blank=False)
    role = models.CharField(_("role"), max_length=10, choices=choices(Role))
    cells = models.JSONField(_("cells"), default=dict)

    Meta = _meta("option", _("option"), _("choice table"))


class Question(Part):
    SHAPE, LIST = shape.Question, "questions"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="questions", editable=False)
    question = line(_("question"), blank=False)
    why = line(_("why it matters"))
    cites = cites()

    Meta = _meta("question", _("question to ask"), _("questions to ask"))


class WarningSign(Part):
    SHAPE, LIST = shape.WarningSign, "warning_signs"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="warning_signs", editable=False)
    sign = line(_("sign"), blank=False)
    from_hours = models.PositiveIntegerField(_("from hour"), default=0, help_text=_("Hours after the treatment."))
    to_days = models.PositiveIntegerField(_("to day"), null=True, blank=True, help_text=_("Empty: no end."))
    urgency = models.CharField(_("urgency"), max_length=12, choices=choices(shape.Urgency))
    do = line(_("what to do"), blank=False)
    call = line(_("whom to call"))
    cites = cites()

    Meta = _meta("warning_sign", _("warning sign"), _("warning signs"))


class Claim(Part):
    SHAPE, LIST = shape.Claim, "claims"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="claims", editable=False)
    says = line(_("what it says"), blank=False)
    study = line(_("kind of study"))
    people = line(_("how many"))
    who = line(_("who they were"))
    certainty = models.CharField(
        _("certainty"), max_length=12, choices=choices(shape.Certainty), default=shape.Certainty.NOT_GRADED
    )
    as_of = label(_("as of"), limit=40)
    cites = several(_("sources"), help_text=_("Keys of sources."))

    Meta = _meta("claim", _("claim"), _("claims"))


class Figure(Part):
    SHAPE, LIST = shape.Figure, "figures"

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="figures", editable=False)
    type = models.CharField(_("type"), max_length=12, choices=choices(shape.FigureType))
    title = label(_("title"), blank=False)
    data = models.JSONField(_("data"), default=dict)
    words = line(_("the same in words"), blank=False)
    cites = cites()

    Meta = _meta("figure", _("picture from data"), _("pictures from data"))


PARTS: dict[str, type[Part]] = {
    model.LIST: model
    for model in (Section, Answer, KeyFact, Stage, CostItem, Option, Question, WarningSign, Claim, Figure)
}
"""Model of each list of a guide, "sections" included."""
