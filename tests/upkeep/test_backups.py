"""A backup made while others write can be restored on a bare machine; one that is not whole is refused with a sentence."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import random
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from procedures.upkeep import backups as room
from procedures.upkeep import proving, restoring, verify
from procedures.upkeep.proving import _url as database_url
from procedures.upkeep.saving import save_pictures
from procedures.upkeep.turns import alone_in

from ..conftest import size
from ..prerender.conftest import ROOT, Site, prepared  # noqa: F401
from ..prerender.conftest import made as site_made
from .standing import stand

BACKUPS = size(1, 50)
DAMAGES = size(25, 200)
SEED = int(os.environ.get("TORTURE_SEED", "20261122"))
PICTURE = b"\x89PNG not really"
FLIPPED = PICTURE[:-1] + b"x"
ONLY_SQLITE = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the sites of these tests use SQLite; PostgreSQL has its own test below"
)


def manage(site: Site, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**site.environment, "BACKUP_DIR": str(site.folder / "backups")}
    if folder:
        folder.mkdir(exist_ok=True)
        (folder / "static").mkdir(exist_ok=True)
        environment |= {"DATA_DIR": str(folder), "BACKUP_DIR": str(folder / "backups")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def made(site: Site) -> Path:
    done = manage(site, "backup")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1].removeprefix("Backup made and proved: "))


def site_of(backup: Path, folder: Path) -> Path:
    """A site with what is in the backup, put there by hand."""
    folder.mkdir()
    shutil.copyfile(backup / "database.sqlite3", folder / "db.sqlite3")
    shutil.copytree(backup / "media", folder / "media")
    return folder


def rows(folder: Path) -> list[tuple[object, ...]]:
    """The texts a site's database holds."""
    with sqlite3.connect(folder / "db.sqlite3") as database:
        found = database.execute("select id, hash, document from procedures_revision order by id").fetchall()
    database.close()
    return found


@pytest.fixture(scope="module")
def backup(prepared: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    media = prepared.folder / "media"
    media.mkdir()
    (media / f"{hashlib.sha256(PICTURE).hexdigest()}.png").write_bytes(PICTURE)
    first = made(prepared)  # the next one of the day replaces it
    return Path(shutil.copytree(first, tmp_path_factory.mktemp("kept") / first.name))


@ONLY_SQLITE
@pytest.mark.torture
def test_backups_under_write_load_are_restored_on_a_bare_machine_and_verify(
    tell,
    prepared: Site,  # noqa: F811
    backup: Path,
    tmp_path: Path,
) -> None:
    pairs = 0
    for number in range(BACKUPS):
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.prerender.driver", "busy", "600"],
            cwd=ROOT, env=prepared.environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert writer.stdout
            first = int(writer.stdout.readline())
            whole = made(prepared)
            assert writer.poll() is None, "nothing was written meanwhile"
        finally:
            writer.kill()
            writer.wait()
        bare = tmp_path / f"bare-{number}"
        done = manage(prepared, "restore", str(whole), folder=bare)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Restored what was there on" in done.stdout
        with sqlite3.connect(bare / "db.sqlite3") as database:
            rows = database.execute("select page, count(*) from procedures_feedback group by page").fetchall()
        database.close()
        assert len(rows) >= first
        assert {count % 2 for _page, count in rows} == {0}, "half a transaction was kept"
        pairs += len(rows)
        assert (bare / "media" / f"{hashlib.sha256(PICTURE).hexdigest()}.png").read_bytes() == PICTURE
        assert (bare / "pages/live/site/testing/index.html").is_file()
        if number == BACKUPS - 1:  # a restore has verified it already, before it touched anything
            verified = manage(prepared, "verify", folder=bare)
            assert verified.returncode == 0, verified.stderr
        shutil.rmtree(bare)
    tell(f"{BACKUPS} backups under write load restored and verified; {pairs} pairs of rows, none torn")


@ONLY_SQLITE
def test_a_site_is_replaced_only_by_whoever_says_so_and_kept_aside(
    prepared: Site,  # noqa: F811
    backup: Path,
    tmp_path: Path,
) -> None:
    before = rows(prepared.folder)
    refused = manage(prepared, "restore", str(backup))
    assert refused.returncode == 1
    assert refused.stderr.startswith("CommandError: There is a site here already: 1 guides. To replace it")
    assert rows(prepared.folder) == before
    archive = tmp_path / "backup.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(backup, arcname=backup.name)
    copy = site_of(backup, tmp_path / "copy")
    done = manage(prepared, "restore", str(archive), "--yes", folder=copy)
    assert done.returncode == 0, done.stderr
    (aside,) = copy.glob("replaced-*")
    assert sorted(path.name for path in aside.iterdir() if "sqlite3-" not in path.name) == [
        "db.sqlite3", "media",
    ]  # fmt: skip
    archive.write_bytes(archive.read_bytes()[:30_000])
    refused = manage(prepared, "restore", str(archive), "--yes", folder=copy)
    assert refused.returncode == 1
    assert "is damaged: it cannot be unpacked" in refused.stderr
    assert [path.name for path in copy.glob(".*")] == [".lock"]


@ONLY_SQLITE
def test_a_site_of_an_older_program_is_copied_and_restored_by_this_one(
    prepared: Site,  # noqa: F811
    backup: Path,
    tmp_path: Path,
) -> None:
    """Who upgrades makes a copy before anything is migrated, and may need one that is a year old."""
    older = site_of(backup, tmp_path / "older")
    assert manage(prepared, "migrate", "procedures", "0012", "--verbosity", "0", folder=older).returncode == 0
    done = manage(prepared, "backup", folder=older)
    assert done.returncode == 0, done.stderr
    (copy,) = (path for path in (older / "backups").iterdir() if path.is_dir())
    assert "procedures.0013_revision_slug" not in room.check_backup(copy)["migrations"]
    bare = tmp_path / "bare"
    done = manage(prepared, "restore", str(copy), folder=bare)
    assert done.returncode == 0, done.stderr
    assert rows(bare) == rows(prepared.folder)
    with sqlite3.connect(bare / "db.sqlite3") as database:
        assert database.execute("select distinct slug from procedures_revision").fetchall() == [("testing",)]
    database.close()


@ONLY_SQLITE
@pytest.mark.torture
def test_a_changed_backup_is_refused_with_a_sentence(tell, backup: Path, tmp_path: Path) -> None:
    chance, refused = random.Random(SEED), 0
    for number in range(DAMAGES):
        copy = tmp_path / f"copy-{number}"
        shutil.copytree(backup, copy)
        path = chance.choice(sorted(path for path in copy.rglob("*") if path.is_file()))
        content = path.read_bytes()
        place = chance.randrange(max(1, len(content)))
        how = number % 4
        if how == 0:
            path.write_bytes(content[:place])
        elif how == 1:
            path.write_bytes(content[:place] + b"?!" + content[place:])
        elif how == 2:
            path.unlink()
        else:
            path.unlink()
            path.symlink_to("/etc/hostname")
        with pytest.raises(room.BadBackup) as told:
            room.check_backup(copy)
        assert str(copy) in str(told.value)
        refused += 1
        shutil.rmtree(copy)
    tell(f"{refused} of {DAMAGES} changed backups refused; seed {SEED}")
    assert refused == DAMAGES
    assert room.check_backup(backup)["content"] == ""


@ONLY_SQLITE
def test_what_a_list_of_files_may_name_stays_inside_the_backup(backup: Path, tmp_path: Path) -> None:
    for name in ("../db.sqlite3", "/etc/passwd", "content/../../x", "media/x.png", "secret-key"):
        copy = tmp_path / hashlib.sha256(name.encode()).hexdigest()[:8]
        shutil.copytree(backup, copy)
        listed = json.loads((copy / "manifest.json").read_bytes())
        listed["files"][name] = {"size": 0, "sha256": hashlib.sha256(b"").hexdigest()}
        raw = json.dumps(listed).encode()
        (copy / "manifest.json").write_bytes(raw)
        (copy / "manifest.sha256").write_text(f"{hashlib.sha256(raw).hexdigest()}  manifest.json\n")
        with pytest.raises(room.BadBackup, match="does not belong into a backup"):
            room.check_backup(copy)


@ONLY_SQLITE
def test_pictures_that_are_nowhere_right_keep_no_word_from_being_saved_and_restored(
    prepared: Site,  # noqa: F811
    backup: Path,
    tmp_path: Path,
) -> None:
    site = site_of(backup, tmp_path / "site")
    older = Path(shutil.copytree(backup, site / "backups" / "20200101T000000.000000Z"))
    newest = Path(shutil.copytree(backup, site / "backups" / "20200102T000000.000000Z"))
    name = f"{hashlib.sha256(PICTURE).hexdigest()}.png"
    damaged, missing = (f"{hashlib.sha256(data).hexdigest()}.png" for data in (b"damaged", b"missing"))
    (newest / "media" / name).write_bytes(FLIPPED)
    (site / "media" / name).write_bytes(FLIPPED)
    (site / "media" / damaged).write_bytes(b"damagee")
    with sqlite3.connect(site / "db.sqlite3") as database:
        database.execute(
            "insert into procedures_picturefile (file, original, width, height, taken_down) values (?, ?, 1, 1, 0)",
            [missing, missing],
        )
    database.close()
    done = manage(prepared, "backup", folder=site)
    assert done.returncode == 0, done.stderr
    assert f"The picture {damaged} is damaged and in no backup. Send the same picture again" in done.stderr
    assert f"The picture {missing} is missing and in no backup." in done.stderr
    assert f"The picture {name} is damaged and in no backup" not in done.stderr
    assert len((site / "upkeep" / "backed-up").read_text().splitlines()) == 2, "/readyz says so from now on"
    whole = Path(done.stdout.strip().splitlines()[-1].removeprefix("Backup made and proved: "))
    assert (whole / "media" / name).read_bytes() == PICTURE, "an older backup had it"
    assert (whole / "media" / name).samefile(older / "media" / name)
    assert [path.name for path in (whole / "media").iterdir()] == [name]
    assert room.check_backup(whole)["lost"] == {damaged: "damaged", missing: "missing"}
    bare = tmp_path / "bare"
    done = manage(prepared, "restore", str(whole), folder=bare)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"The picture {missing} is missing and in no backup." in done.stdout
    assert rows(bare) == rows(prepared.folder)
    (whole / "media" / name).unlink()
    with pytest.raises(room.BadBackup, match=rf"media/{name} cannot be read"):
        room.check_backup(whole)


@pytest.mark.django_db
def test_a_damaged_picture_of_the_newest_backup_is_copied_anew(settings, tmp_path: Path) -> None:
    """Backups of one disk share one inode: a flipped bit is in all of them."""
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media").mkdir()
    name = f"{hashlib.sha256(PICTURE).hexdigest()}.png"
    (tmp_path / "media" / name).write_bytes(PICTURE)
    folders = [tmp_path / str(number) for number in range(3)]
    assert save_pictures(folders[0], former=[]) == {}
    assert save_pictures(folders[1], former=[folders[0]]) == {}
    assert (folders[1] / name).samefile(folders[0] / name)
    (folders[1] / name).write_bytes(FLIPPED)
    assert (folders[0] / name).read_bytes() == FLIPPED
    assert save_pictures(folders[2], former=[folders[1], folders[0]]) == {}
    assert (folders[2] / name).read_bytes() == PICTURE
    assert not (folders[2] / name).samefile(folders[1] / name)


@pytest.mark.django_db
def test_verify_looks_at_the_newest_backup_too(settings, tmp_path: Path) -> None:
    settings.BACKUP_DIR, settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path / "backups", tmp_path, tmp_path / "media"
    now = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
    older, newest = (stand(settings.BACKUP_DIR, now - datetime.timedelta(days=days)) for days in (1, 0))
    (older / "database.sqlite3").write_bytes(b"of no account any more")
    assert verify().wrong == ()
    (newest / "database.sqlite3").write_bytes(b"changed")
    (said,) = verify().wrong
    assert said.startswith(f"{newest} is damaged: database.sqlite3 is not what was written.")
    assert "manage.py backup" in said
    assert verify(quick=True).wrong == ()


@ONLY_SQLITE
def test_a_damaged_site_makes_no_good_backup_and_the_former_one_stays(
    prepared: Site,  # noqa: F811
    backup: Path,
    tmp_path: Path,
) -> None:
    damaged = site_of(backup, tmp_path / "damaged")
    shutil.copytree(backup, damaged / "backups" / backup.name)
    with sqlite3.connect(damaged / "db.sqlite3") as database:
        triggers = database.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f'drop trigger "{name}"')
        database.execute(
            "update procedures_revision set document = replace(document, 'What it costs', 'What it cosks')"
        )
    database.close()
    done = manage(prepared, "backup", folder=damaged)
    assert done.returncode == 1
    assert "No backup was made: restored into a temporary place it is not right" in done.stderr
    assert "does not match its fingerprint" in done.stderr
    left = [path.name for path in (damaged / "backups").iterdir() if path.name != ".lock"]
    assert len(left) == 1


def test_seven_days_four_weeks_and_twelve_months_are_kept() -> None:
    start = datetime.datetime(2024, 1, 1, 3, tzinfo=datetime.UTC)
    there: set[datetime.datetime] = set()
    for day in range(900):
        there = room.kept_of({*there, start + datetime.timedelta(days=day)})
    newest_first = sorted(there, reverse=True)
    last = start + datetime.timedelta(days=899)
    assert newest_first[:7] == [last - datetime.timedelta(days=day) for day in range(7)]
    assert len({at.strftime("%G-%V") for at in newest_first if last - at < datetime.timedelta(days=28)}) >= 4
    assert len({at.strftime("%Y-%m") for at in newest_first}) == 12
    assert 18 <= len(newest_first) <= 7 + 4 + 12
    twice = {start, start + datetime.timedelta(hours=1)}
    assert room.kept_of(twice) == {max(twice)}


def test_a_backup_is_due_once_a_day_and_never_where_it_is_off(settings, tmp_path: Path) -> None:
    now = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
    settings.BACKUP_DIR = tmp_path
    assert room.backup_is_due(now)
    stand(tmp_path, now - datetime.timedelta(hours=23))
    (tmp_path / ".new-123").mkdir()
    assert not room.backup_is_due(now)
    newer = [stand(tmp_path, now - datetime.timedelta(hours=hours)) for hours in (3, 2, 1)]
    newer[0].joinpath("manifest.json").write_bytes(b"{}")
    newer[1].joinpath("database.sqlite3").write_bytes(b"cut off, or grown")
    newer[2].joinpath("database.sqlite3").unlink()
    assert room.last_good() == now - datetime.timedelta(hours=23), "what is plainly no backup is not called one"
    assert room.backup_is_due(now + datetime.timedelta(hours=1))
    settings.BACKUP_DIR = None
    assert not room.backup_is_due(now + datetime.timedelta(days=9))
    with pytest.raises(CommandError, match="Backups are turned off"):
        call_command("backup")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="pg_dump and pg_restore belong to PostgreSQL")
def test_a_backup_of_postgresql_is_proved_in_a_database_of_its_own(
    live_guide, settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.prerender.site_settings")  # those of tests name a database
    settings.BACKUP_DIR, settings.MEDIA_ROOT = tmp_path / "backups", tmp_path / "media"
    made = room.make_backup()
    assert room.check_backup(made.path)["files"]["database.pgdump"]["size"] > 10_000
    assert (made.path / "content/testing/guide.yaml").is_file()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_database where datname like 'proof_%%'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="temporary databases belong to PostgreSQL")
def test_the_next_proof_removes_the_database_of_a_killed_one_and_nobody_else_s() -> None:
    left, used, other = (f"proof_{secrets.token_hex(6)}" for _name in range(3))
    names = [left, used, other, "proof_of_something"]
    role = f"other_{secrets.token_hex(4)}"
    known = connection.settings_dict

    def there() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("select datname from pg_database where datname = any(%s)", [names])
            return {name for (name,) in cursor.fetchall()}

    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {role}")
            for name in names:
                cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
            cursor.execute(f"ALTER DATABASE {other} OWNER TO {role}")
        with (
            psycopg.connect(dbname=used, host=known["HOST"], port=known["PORT"] or None, user=known["USER"]),
            proving._temporary_database() as mine,
            proving._temporary_database(),  # of another host, at the same moment
        ):
            names.append(mine)
            assert there() == {used, other, "proof_of_something", mine}
        assert there() == {used, other, "proof_of_something"}
    finally:
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"DROP ROLE IF EXISTS {role}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="temporary databases belong to PostgreSQL")
def test_a_backup_is_proved_in_the_encoding_and_order_of_its_database_whatever_those_of_the_server() -> None:
    ours, name = str(connection.settings_dict["NAME"]), f"site_{secrets.token_hex(6)}"

    def kinds(*names: str) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("select encoding, datcollate, datctype from pg_database where datname = any(%s)", [[*names]])
            return cursor.fetchall()

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        assert kinds(name) != kinds("template0")
        connection.close()
        connection.settings_dict["NAME"] = name
        with proving._temporary_database() as proof:
            assert kinds(proof) == kinds(name)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_restore_removes_what_a_killed_one_left_and_leaves_one_that_is_running_alone(
    settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = data = tmp_path / "data"
    left = {".proof-0a", ".unpacked-0a", ".restored-0a"}
    kept = {"media", "replaced-20261122T031500.000000Z", ".lock"}
    for name in left | kept - {".lock"}:
        (data / name).mkdir(parents=True)
        (data / name / "file").write_text("words")
    with alone_in(data, sweep=()), pytest.raises(room.BadBackup, match="Wait until it is done"):
        restoring.restore_backup(tmp_path / "nothing")
    assert {path.name for path in data.iterdir()} == left | kept
    with pytest.raises(room.BadBackup, match="There is no backup at"):
        restoring.restore_backup(tmp_path / "nothing")
    assert {path.name for path in data.iterdir()} == kept


def test_what_a_restore_moved_goes_back_if_it_cannot_come_to_its_end(tmp_path: Path) -> None:
    media, aside = tmp_path / "media", tmp_path / "replaced-1"
    media.mkdir()
    (media / "kept.txt").write_text("kept")
    moves = [(media, aside / "media"), (tmp_path / "never-made", media)]
    with pytest.raises(FileNotFoundError), restoring._moved(moves):
        raise AssertionError("nothing can be done in a place that is not there")
    assert (media / "kept.txt").read_text() == "kept"
    with pytest.raises(FileNotFoundError), restoring._moved(moves[:1]):
        media.rmdir()  # meanwhile it is not there
    assert (media / "kept.txt").read_text() == "kept"
    assert list(aside.iterdir()) == []


@pytest.fixture
def site_on_postgresql(transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    """A site of its own on a database of its own, with one live guide."""
    name = f"site_{secrets.token_hex(6)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    folder = tmp_path / "site"
    folder.mkdir()
    try:
        yield site_made(folder, DATABASE_URL=database_url(name))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="pg_dump and pg_restore belong to PostgreSQL")
def test_a_site_on_postgresql_is_replaced_by_its_backup_and_kept_aside(
    site_on_postgresql: Site, tmp_path: Path
) -> None:
    site = site_on_postgresql
    whole = made(site)

    def asked(sql: str, *, answer: bool = True) -> list[tuple[object, ...]]:
        name, known = site.environment["DATABASE_URL"].rpartition("/")[2], connection.settings_dict
        with psycopg.connect(
            dbname=name, host=known["HOST"], port=known["PORT"] or None, user=known["USER"]
        ) as database:
            found = database.execute(sql)
            return found.fetchall() if answer else []

    before = asked("select id, hash from procedures_revision order by id")
    asked("update procedures_guide set title = 'Changed since'", answer=False)
    asked(
        "create table procedures_newer (id int); create table of_others (id int); "
        "create function procedures_newest() returns int language sql as 'select 1'",
        answer=False,
    )
    assert manage(site, "restore", str(whole)).returncode == 1  # a site is there
    media = site.folder / "media"
    media.mkdir(exist_ok=True)
    (media / "kept.txt").write_text("kept")
    done = manage(site, "restore", str(whole), "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert asked("select title from procedures_guide where title = 'Changed since'") == []
    assert asked("select id, hash from procedures_revision order by id") == before
    assert asked("select relname from pg_class where relname = 'procedures_newer'") == []
    assert asked("select relname from pg_class where relname = 'of_others'") == [("of_others",)]
    assert asked("select proname from pg_proc where proname = 'procedures_newest'") == []
    (aside,) = site.folder.glob("replaced-*")
    assert (aside / "media" / "kept.txt").read_text() == "kept"
    assert len(list(aside.glob("*.pgdump"))) == 1
    verified = manage(site, "verify")
    assert verified.returncode == 0, verified.stderr
