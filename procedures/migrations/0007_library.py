"""Files of pictures, whether they were taken down; what the jobs that run by themselves remember."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def files_of_pictures(apps, schema_editor):
    Image, PictureFile = apps.get_model("procedures", "Image"), apps.get_model("procedures", "PictureFile")
    alias = schema_editor.connection.alias  # the site may be moving to another database
    for row in Image.objects.using(alias):
        PictureFile.objects.using(alias).get_or_create(
            file=row.file,
            original=row.file,
            defaults={"width": row.width, "height": row.height, "taken_down": row.taken_down},
        )


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("procedures", "0006_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
            },
        ),
        migrations.CreateModel(
            name="LinkCheck",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="link_check",
                        serialize=False,
                        to="procedures.source",
                    ),
                ),
                ("url", models.CharField(max_length=1000, verbose_name="address")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="answer")),
                ("ok", models.BooleanField(verbose_name="opened")),
                ("words", models.CharField(blank=True, max_length=300, verbose_name="in words")),
            ],
            options={
                "verbose_name": "link",
                "verbose_name_plural": "links",
            },
        ),
        migrations.CreateModel(
            name="NoMail",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="no_mail",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "person without mails",
                "verbose_name_plural": "people without mails",
            },
        ),
        migrations.CreateModel(
            name="PictureFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "file",
                    models.CharField(
                        help_text="Hash of its own bytes, and its ending.", max_length=80, verbose_name="file"
                    ),
                ),
                (
                    "original",
                    models.CharField(
                        db_index=True,
                        help_text="Itself, if it is no rendition.",
                        max_length=80,
                        verbose_name="made from",
                    ),
                ),
                ("width", models.PositiveIntegerField(verbose_name="width")),
                ("height", models.PositiveIntegerField(verbose_name="height")),
                ("taken_down", models.BooleanField(db_index=True, default=False, verbose_name="taken down")),
            ],
            options={
                "verbose_name": "file of a picture",
                "verbose_name_plural": "files of pictures",
                "constraints": [models.UniqueConstraint(fields=("file", "original"), name="picture_file_once")],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(help_text="What it is about, such as: review:17.", max_length=100)),
                ("at", models.DateTimeField(verbose_name="at")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("words", models.CharField(blank=True, max_length=300, verbose_name="what went wrong")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="notice_once")],
            },
        ),
        migrations.RunPython(files_of_pictures, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="image",
            name="taken_down",
        ),
    ]
