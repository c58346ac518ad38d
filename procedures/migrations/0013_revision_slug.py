"""The address each handed-in text has, beside the text, so that a release need not look through all of them."""

import json
from typing import Any

from django.db import migrations, models

from procedures.models import triggers


def fill(apps: Any, schema_editor: Any) -> None:
    """Reads the address out of every text there is; of a text that cannot be read it stays unknown."""
    texts = apps.get_model("procedures", "Revision").objects.using(schema_editor.connection.alias)
    for pk, document in texts.order_by("pk").values_list("pk", "document").iterator(chunk_size=100):
        try:
            slug = json.loads(document)["slug"]
        except (ValueError, KeyError, TypeError):
            continue
        texts.filter(pk=pk).update(slug=slug)


class Migration(migrations.Migration):
    dependencies = [("procedures", "0012_words_not_taken")]

    operations = [
        migrations.RunPython(
            migrations.RunPython.noop, triggers.create
        ),  # the way back ends with the columns of before
        migrations.AddField(
            model_name="revision",
            name="slug",
            field=models.CharField(editable=False, max_length=200, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(model_name="revision", index=models.Index(fields=["slug"], name="revision_slug")),
        migrations.RunPython(triggers.create, triggers.drop),
    ]
