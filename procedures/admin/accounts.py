"""Accounts and roles: Django's own screens with plain lists to choose from.

Its two-box chooser names its icons in a way assistive technology must ignore, and cannot be used without scripts.
"""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

admin.site.unregister([User, Group])


@admin.register(User)
class People(UserAdmin):
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")


@admin.register(Group)
class Roles(GroupAdmin):
    filter_horizontal = ()
