"""Triggers that refuse changes to what was handed in, signed, released and saved. Holds no data."""

from django.db import migrations

from procedures.models import triggers


class Migration(migrations.Migration):
    dependencies = [("procedures", "0001_tables")]

    operations = [migrations.RunPython(triggers.create, triggers.drop)]
