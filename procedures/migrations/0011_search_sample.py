"""PostgreSQL: an index of every eighth passage, from which very common words are answered."""

from django.db import migrations

from procedures.search import tables


class Migration(migrations.Migration):
    dependencies = [("procedures", "0010_translated")]

    operations = [migrations.RunPython(tables.create_sample, tables.drop_sample)]
