"""Which wording each part of a translation was made from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("procedures", "0007_library")]

    operations = [
        migrations.AddField(
            model_name="guide",
            name="translated",
            field=models.JSONField(
                blank=True,
                default=list,
                editable=False,
                help_text="Of each part of a translation: which wording of the first language it was made from.",
                verbose_name="translated from",
            ),
        ),
    ]
