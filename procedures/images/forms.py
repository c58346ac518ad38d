"""The form staff send a picture with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .cleaning import Cleaned, Refused, clean

FEWEST_WORDS = 3


class ImageForm(forms.Form):
    """A picture and the words for people who cannot see it; `cleaned_data["image"]` is a `Cleaned`."""

    image = forms.FileField(
        label=_("Picture"),
        allow_empty_file=True,
        max_length=None,
        help_text=_("JPEG, PNG or WebP. What the file says about place, camera and people is removed."),
        error_messages={"required": _("Choose a picture.")},
    )
    words = forms.CharField(
        label=_("What it shows"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Read aloud to people who cannot see it. At least three words."),
        error_messages={"required": _("Say in words what the picture shows.")},
    )
    credit = forms.CharField(
        label=_("Credit"), max_length=300, required=False, widget=forms.TextInput(attrs={"class": "vTextField"})
    )

    def clean_image(self) -> Cleaned:
        upload: Any = self.cleaned_data["image"]
        if upload.size > settings.IMAGE_MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Make the picture smaller first."),
                params={"most": settings.IMAGE_MAX_BYTES // (1024 * 1024)},
            )
        try:
            return clean(upload.read())
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def clean_words(self) -> str:
        words: str = " ".join(self.cleaned_data["words"].split())
        if len(words.split()) < FEWEST_WORDS:
            raise forms.ValidationError(
                _("Say in at least three words what the picture shows, for people who cannot see it.")
            )
        return words
