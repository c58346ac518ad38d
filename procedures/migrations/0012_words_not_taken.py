"""What somebody typed while another saved first is called what it is; the database itself changes nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("procedures", "0011_search_sample")]

    operations = [
        migrations.AlterField(
            model_name="edit",
            name="origin",
            field=models.CharField(
                choices=[
                    ("admin", "written here"),
                    ("file", "loaded from a file"),
                    ("restore", "brought back"),
                    ("conflict", "not taken: somebody else saved first"),
                ],
                max_length=10,
                verbose_name="from",
            ),
        )
    ]
