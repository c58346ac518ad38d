"""The tables of search: FTS5 on SQLite, tsvector and pg_trgm on PostgreSQL. Filled by `manage.py rebuild_search`."""

from django.db import migrations

from procedures.search import tables


class Migration(migrations.Migration):
    dependencies = [("procedures", "0002_append_only")]

    operations = [migrations.RunPython(tables.create, tables.drop)]
