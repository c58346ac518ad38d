"""What the steps on record are called: those of publishing, and those of accounts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

STEPS = {
    "submit": gettext_lazy("sent for review"),
    "approve": gettext_lazy("signed"),
    "send_back": gettext_lazy("sent back"),
    "publish": gettext_lazy("published"),
    "schedule": gettext_lazy("set to be published later"),
    "publish_unreviewed": gettext_lazy("published without a review"),
    "withdraw": gettext_lazy("taken down"),
    "hold": gettext_lazy("no longer set to be published"),
    "restore": gettext_lazy("brought back as draft"),
    "stop_previews": gettext_lazy("links to previews stopped"),
    "clinic": gettext_lazy("clinic's record changed"),
    "picture_down": gettext_lazy("picture taken down"),
    "picture_back": gettext_lazy("picture put back"),
}
ACCOUNT_STEPS = {
    "invite": gettext_lazy("invited"),
    "invitation_taken_back": gettext_lazy("invitation taken back"),
    "joined": gettext_lazy("took part for the first time"),
    "account_added": gettext_lazy("account added"),
    "account_changed": gettext_lazy("account changed"),
    "role_changed": gettext_lazy("role changed"),
    "password_changed": gettext_lazy("own password changed"),
    "password_reset": gettext_lazy("password chosen anew by mail"),
    "account_closed": gettext_lazy("account closed"),
    "account_opened": gettext_lazy("account opened again"),
    "second_factor_on": gettext_lazy("second step turned on"),
    "second_factor_off": gettext_lazy("second step turned off"),
    "second_factor_reset": gettext_lazy("second step reset"),
    "recovery_codes": gettext_lazy("new recovery codes made"),
    "public_name": gettext_lazy("public name changed"),
}


def words_of(step: str) -> str:
    """A step that was taken, in words."""
    return str((STEPS | ACCOUNT_STEPS).get(step, step.replace("_", " ")))
