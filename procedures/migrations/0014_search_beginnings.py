"""PostgreSQL: words are looked for by beginning and trigrams in one index."""

from django.db import migrations

from procedures.search import tables


class Migration(migrations.Migration):
    dependencies = [("procedures", "0013_revision_slug")]

    operations = [migrations.RunPython(tables.create_beginnings, tables.drop_beginnings)]
