"""What is kept about accounts: how a person is printed, who was invited, which logins failed. No text of a guide."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _


class Profile(models.Model):
    """What a person says about themselves. Everything may be empty; made when it is first filled in."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="profile"
    )
    printed_name = models.CharField(
        _("name as printed"),
        max_length=200,
        blank=True,
        help_text=_("As it stands under what you sign. Empty: the name of your account."),
    )
    credentials = models.CharField(
        _("credentials"),
        max_length=200,
        blank=True,
        help_text=_("As patients will read them, such as: RN, nurse practitioner."),
    )
    register = models.CharField(
        _("register"), max_length=120, blank=True, help_text=_("The body that keeps the register you are in.")
    )
    number = models.CharField(
        _("number in the register"), max_length=60, blank=True, help_text=_("So that a patient can look you up.")
    )
    public_name = models.CharField(
        _("public name"),
        max_length=120,
        blank=True,
        help_text=_(
            "Pages you wrote for name you like this. Empty: they say “clinic staff”. You can empty it at any time."
        ),
    )

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return str(self.printed_name or self.user)

    @property
    def registration(self) -> str:
        """Register and number on one line, as it is printed under a signature."""
        return ", ".join(part for part in (self.register, self.number) if part)


def printed_name(user: Any) -> str:
    """The name that stands under what `user` signs: the printed one, else the account's."""
    profile = Profile.objects.filter(user=user).first()
    return (profile and profile.printed_name) or user.get_full_name() or user.get_username()


class Invitation(models.Model):
    """Somebody was asked by mail to take part. The link carries `mark`; sending again makes a new one."""

    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail address"))
    roles = models.ManyToManyField(Group, verbose_name=_("roles"), related_name="+")
    mark = models.CharField(max_length=32, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("sent"))
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitation"
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None), name="invitation_one_end"
            ),
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_one_open_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class LoginTry(models.Model):
    """A try to log in that failed, or is under way. Who and from where only as far as counting needs; kept two hours."""

    account = models.CharField(max_length=64, help_text=_("A keyed hash of what was typed: it may be a password."))
    address = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("failed login")
        verbose_name_plural = _("failed logins")
        indexes = [models.Index(fields=["account", "at"], name="logintry_account_at")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
