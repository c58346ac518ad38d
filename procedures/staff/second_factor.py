"""The second factor: codes of an app (TOTP, RFC 6238) and recovery codes. The library is django-otp."""

from __future__ import annotations

from base64 import b32encode
from binascii import unhexlify
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp import login as verified_login
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

CODES = 10
"""Recovery codes given at set-up; each works once."""
SETTING_UP = "second_factor_key"
"""Where the session keeps the secret of an app that has not shown a code yet."""


def has(user: Any) -> bool:
    """Whether this account has been given a second factor."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def required(user: Any) -> bool:
    """Whether this person must have one: who signs, publishes or may do everything, where the site is on https."""
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    return bool(user.has_perm("procedures.review_guide") or user.has_perm("procedures.publish_guide"))


def passed(request: HttpRequest) -> bool:
    """Whether nothing is left to be asked of the person who asks: no code is needed, or one was given."""
    user: Any = request.user
    if not getattr(request, "_passed", False):
        request._passed = bool(user.is_verified()) or not (required(user) or has(user))  # type: ignore[attr-defined]
    return bool(request._passed)  # type: ignore[attr-defined]


def wait_of(user: Any) -> int:
    """Seconds until the next code of this account is looked at; 0: at once. django-otp doubles it with each failure."""
    waits = [0]
    for device in _devices(user):
        allowed, about = device.verify_is_allowed()
        if not allowed and about and about.get("locked_until"):
            waits.append(max(1, -int((timezone.now() - about["locked_until"]).total_seconds() // 1)))
    return max(waits)


def _devices(user: Any) -> list[Any]:
    return [
        *TOTPDevice.objects.filter(user=user, confirmed=True),
        *StaticDevice.objects.filter(user=user, confirmed=True),
    ]


def check(user: Any, *, code: str) -> Any:
    """The device that knows `code` (six digits of the app, or a recovery code, which is used up), or None."""
    plain = "".join(code.split()).replace("-", "").lower()
    model = TOTPDevice if plain.isascii() and plain.isdigit() and len(plain) == 6 else StaticDevice
    for device in model.objects.filter(user=user, confirmed=True):
        if verify_token(user, device.persistent_id, plain):
            return device
    return None


def let_in(request: HttpRequest, device: Any) -> None:
    """The session counts as proved from here on, under a new name."""
    request.session.cycle_key()
    verified_login(request, device)


def new_key(request: HttpRequest) -> str:
    """The secret being set up in this session, in hex; made when there is none."""
    if not request.session.get(SETTING_UP):
        request.session[SETTING_UP] = random_hex(20)
    return str(request.session[SETTING_UP])


def shown_key(key: str) -> str:
    """The secret as an app takes it typed: base32 in groups of four."""
    text = b32encode(unhexlify(key)).decode()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def picture(user: AbstractBaseUser, key: str) -> tuple[int, str]:
    """The QR code of the secret: the length of its side in modules with its margin, and an SVG path."""
    url = TOTPDevice(user=user, key=key).config_url
    code = segno.make_qr(url, error="m")
    border = 4  # the quiet zone of ISO/IEC 18004
    path = []
    for y, row in enumerate(code.matrix):
        for x, dark in enumerate(row):
            if dark:
                path.append(f"M{x + border} {y + border}h1v1h-1z")
    return int(code.symbol_size(border=border)[0]), "".join(path)


def turn_on(request: HttpRequest, *, code: str) -> list[str]:
    """Keeps the secret of this session if its app shows `code`; gives the recovery codes, or nothing if it is wrong."""
    user: Any = request.user
    with transaction.atomic():
        device = TOTPDevice(user=user, name="app", key=new_key(request), confirmed=True)
        if not device.verify_token("".join(code.split())):  # saves the device, whether the code is right or not
            device.delete()
            return []
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        codes = new_codes(user)
    del request.session[SETTING_UP]
    let_in(request, device)
    return codes


def new_codes(user: Any) -> list[str]:
    """Ten new recovery codes; the older ones work no more."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
        codes = [StaticToken.random_token() for _number in range(CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:4]}-{code[4:]}" for code in codes]


def codes_left(user: Any) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def take_away(user: Any) -> None:
    """Removes every second factor of this account."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
