"""The pictures of the library: the list, their words, a new version, taking one down and putting it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from .. import images
from ..document import token
from ..images.forms import ImageForm
from ..models import Image, PictureFile
from ..publishing import after_commit
from .edits import unit_text
from .forms import UnitForm
from .library import SharedPage
from .release import complained
from .uses import pictures_in_use

THUMBNAIL = 96
"""Width of a picture in the list, in CSS pixels."""


class PictureForm(UnitForm):
    """A picture that is in the library: its words can change here, its pixels by a new version."""

    def clean_words(self) -> str:
        return ImageForm.clean_words(self)  # type: ignore[arg-type]

    class Meta:
        model = Image
        fields = ("key", "words", "credit", "note")


class NewPictureForm(forms.ModelForm):
    """A picture that is added; the file is cleaned before anything is stored."""

    known: Any = None
    image, words, credit = (
        ImageForm.base_fields["image"],
        ImageForm.base_fields["words"],
        ImageForm.base_fields["credit"],
    )
    clean_image, clean_words = ImageForm.clean_image, ImageForm.clean_words

    def _post_clean(self) -> None:
        """The row is made by `images.add`, from the cleaned file."""

    def save(self, commit: bool = True) -> Image:
        return self.instance  # type: ignore[no-any-return]

    def save_m2m(self) -> None:
        """There is nothing of the kind."""

    class Meta:
        model = Image
        fields = ("words", "credit")


class NewVersionForm(forms.Form):
    """Other pixels for the same picture; `shown` is the mark of the picture as the person saw it."""

    image = ImageForm.base_fields["image"]
    shown = forms.CharField(widget=forms.HiddenInput)
    clean_image = ImageForm.clean_image


class WhyForm(forms.Form):
    why = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLine"}),
        help_text=gettext_lazy("Kept for the record. Patients do not see it."),
        error_messages={"required": gettext_lazy("Say why the picture is taken down.")},
    )


@admin.register(Image)
class ImageAdmin(SharedPage):
    change_form_template = "admin/procedures/image/change_form.html"
    list_display = ("thumbnail", "key", "words", "credit", "used_in", "stands")
    list_display_links = ("key",)
    search_fields = ("key", "words", "credit", "file")

    def get_queryset(self, request: HttpRequest) -> Any:
        match = request.resolver_match
        if match and match.url_name == "procedures_image_changelist":
            self._used, self._hidden = (
                pictures_in_use(),
                set(PictureFile.objects.hidden().values_list("file", flat=True)),
            )
            narrow = PictureFile.objects.filter(width__lte=320, file__endswith=".webp").order_by("width")
            self._small = dict(narrow.values_list("original", "file"))
        return super().get_queryset(request)

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail(self, row: Image) -> str:
        if row.file in self._hidden:
            return _("taken down")
        height = max(1, round(row.height * THUMBNAIL / row.width))
        file = self._small.get(row.file, row.file)
        return format_html(
            '<img src="/media/{}" width="{}" height="{}" alt="" loading="lazy">', file, THUMBNAIL, height
        )

    @admin.display(description=gettext_lazy("used in"))
    def used_in(self, row: Image) -> str:
        return ", ".join(self._used.get(row.key, ())) or "–"

    @admin.display(description=gettext_lazy("stands"))
    def stands(self, row: Image) -> str:
        return _("taken down") if row.file in self._hidden else _("shown")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key", "words", "credit", "note", "token") if obj else ("image", "words", "credit")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = PictureForm if obj else NewPictureForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        sent = form.cleaned_data
        row = images.add(sent["image"], words=sent["words"], credit=sent["credit"], by=request.user)  # type: ignore[arg-type]
        obj.pk, obj.key, obj.file, obj.width, obj.height = row.pk, row.key, row.file, row.width, row.height
        obj.words = row.words

    def get_urls(self) -> list[URLPattern]:
        site, name = self.admin_site, "procedures_image_"
        return [
            path("<int:pk>/new-version/", site.admin_view(self.new_version), name=f"{name}new_version"),
            path("<int:pk>/take-down/", site.admin_view(self.take_down), name=f"{name}take_down"),
            path("<int:pk>/put-back/", site.admin_view(require_POST(self.put_back)), name=f"{name}put_back"),
            *super().get_urls(),
        ]

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        may = request.user.has_perm
        gone = row.taken_down
        return {
            **super().page_context(request, row),
            "gone": gone,
            "may_replace": may("procedures.change_image"),
            "may_take_down": may("procedures.publish_guide") and not gone,
            "may_put_back": may("procedures.publish_guide") and gone,
        }

    def new_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for a file (GET), then puts it under the same key (POST). Nothing that is live changes."""
        row = get_object_or_404(Image, pk=pk)
        if not request.user.has_perm("procedures.change_image"):
            raise PermissionDenied
        form = NewVersionForm(request.POST or None, request.FILES or None, initial={"shown": token(unit_text(row))})
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                sent = form.cleaned_data
                try:
                    changed = images.replace(row, sent["image"], shown=sent["shown"], by=request.user)  # type: ignore[arg-type]
                except images.Refused as refused:
                    messages.error(request, str(refused))
                    status = 409
                else:
                    if changed:
                        messages.success(
                            request, _("The new version is in the library. Released pages keep the older one.")
                        )
                    else:
                        messages.info(request, _("This is the picture that is there already; nothing was changed."))
                    return self._back(row)
        return self._act(
            request,
            row,
            form,
            title=_("New version of “%(key)s”"),
            intro=_(
                "The new picture takes the place of the old one in drafts. Pages that are live keep the old one until "
                "the new one is taken over into each guide, reviewed and published."
            ),
            button=_("Put the new version in"),
            status=status,
        )

    def take_down(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for the reason (GET), then takes the picture down in public, in every version (POST)."""
        row = get_object_or_404(Image, pk=pk)
        if not request.user.has_perm("procedures.publish_guide"):
            raise PermissionDenied
        form = WhyForm(request.POST or None)
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    images.take_down(row, why=form.cleaned_data["why"], by=request.user)  # type: ignore[arg-type]
                except images.Refused as refused:
                    messages.error(request, str(refused))
                else:
                    after_commit(None)  # any page may show it
                    messages.success(
                        request, _("Taken down. No page shows it any more; a sentence stands in its place.")
                    )
                    complained(request)
                return self._back(row)
        return self._act(
            request,
            row,
            form,
            title=_("Take down the picture “%(key)s”?"),
            intro=_(
                "At once no page shows it, in any of its versions, and its address answers that it was taken down. "
                "Where it stood, pages say that a picture was taken down. Drafts stay as they are."
            ),
            button=_("Take down"),
            danger=True,
            status=status,
        )

    def put_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shows the present version again. POST."""
        row = get_object_or_404(Image, pk=pk)
        if not request.user.has_perm("procedures.publish_guide"):
            raise PermissionDenied
        try:
            images.put_back(row, by=request.user)  # type: ignore[arg-type]
        except images.Refused as refused:
            messages.error(request, str(refused))
        else:
            after_commit(None)
            messages.success(request, _("Put back. Pages show this version again; older ones stay down."))
            complained(request)
        return self._back(row)

    def _back(self, row: Image) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:procedures_image_change", args=[row.pk]))

    def _act(
        self,
        request: HttpRequest,
        row: Image,
        form: forms.Form,
        *,
        title: str,
        intro: str,
        button: str,
        status: int,
        danger: bool = False,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title % {"key": row.key},
            "intro": intro,
            "button": button,
            "danger": danger,
            "opts": self.opts,
            "original": row,
            "form": form,
            "back": reverse("admin:procedures_image_change", args=[row.pk]),
        }
        return TemplateResponse(request, "admin/procedures/image/act.html", context, status=status)
