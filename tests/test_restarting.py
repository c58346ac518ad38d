"""What decides whether a start may begin to serve at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from procedures import restarting

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def data(program: Path, tmp_path: Path) -> Path:
    """A folder of state as a good start leaves it."""
    folder = tmp_path / "data"
    release = folder / "pages" / "releases" / "1"
    release.mkdir(parents=True)
    (release / "manifest.json").touch()
    (folder / "pages" / "live").symlink_to("releases/1")
    (folder / "static").mkdir()
    (folder / "static" / ".stamp").touch()
    (folder / "db.sqlite3").touch()
    restarting.Start().note(folder)
    return folder


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose files may be changed."""
    root = tmp_path / "program"
    for name in ("procedures/pages", "templates", "static/css"):
        (root / name).mkdir(parents=True)
    for name in ("manage.py", "procedures/pages/live.py", "templates/base.html", "static/css/site.css"):
        (root / name).write_text(name)
    monkeypatch.setattr(restarting, "ROOT", root)
    # pytest says in a variable which part of which test runs; a fixture and its test are different ones
    monkeypatch.setattr(restarting, "OF_EACH_START", restarting.OF_EACH_START | {"PYTEST_CURRENT_TEST"})
    return root


def test_the_same_start_again_has_nothing_to_do(program: Path, data: Path) -> None:
    assert restarting.Start().is_as_before(data)
    (program / "procedures" / "__pycache__").mkdir()
    (program / "procedures" / "__pycache__" / "live.pyc").touch()
    (program / "content").mkdir()
    assert restarting.Start().is_as_before(data)


@pytest.mark.parametrize("name", ["INVOCATION_ID", "SHLVL", "JOURNAL_STREAM"])
def test_what_a_supervisor_numbers_anew_each_time_decides_nothing(program, data, monkeypatch, name) -> None:
    monkeypatch.setenv(name, "another")
    assert restarting.Start().is_as_before(data)


@pytest.mark.parametrize("name", ["SITE_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ANYTHING_ELSE"])
def test_any_other_variable_has_the_start_prepare_first(program, data, monkeypatch, name) -> None:
    monkeypatch.setenv(name, "another")
    assert not restarting.Start().is_as_before(data)


CHANGES = {
    "code": lambda program, _data: (program / "procedures/pages/live.py").write_text("longer than it was before"),
    "code of the same length": lambda program, _data: os.utime(program / "procedures/pages/live.py", (1, 1)),
    "a new template": lambda program, _data: (program / "templates/more.html").touch(),
    "a style that is gone": lambda program, _data: (program / "static/css/site.css").unlink(),
    "settings in .env": lambda program, _data: (program / ".env").write_text("PROXIES=1"),
    "another database": lambda _program, data: shutil.copy(data / "db.sqlite3", data / "x").replace(
        data / "db.sqlite3"
    ),
    "no database": lambda _program, data: (data / "db.sqlite3").unlink(),
    "no pages": lambda _program, data: shutil.rmtree(data / "pages"),
    "a release that is gone": lambda _program, data: shutil.rmtree(data / "pages/releases"),
    "no styles": lambda _program, data: shutil.rmtree(data / "static"),
    "no good start yet": lambda _program, data: (data / "started").unlink(),
    "a start that failed": lambda _program, data: restarting.forget(data),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_may_need_doing_has_the_start_prepare_first(program: Path, data: Path, change: str) -> None:
    restarting.Start().note(data)
    assert restarting.Start().is_as_before(data)
    CHANGES[change](program, data)
    assert not restarting.Start().is_as_before(data)


def test_the_decision_loads_neither_django_nor_the_site() -> None:
    code = "import sys; from procedures import restarting; restarting.Start(); print([*sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "django" not in done.stdout
    assert "procedures.restarting" in done.stdout


WORK = """
import os, sys, time
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
while os.getppid() == int(sys.argv[2]):
    time.sleep(0.05)
"""
SERVER = """
import subprocess, sys
keeper = subprocess.Popen([sys.executable, "-I", "-S", "procedures/restarting.py", str(__import__("os").getpid()), *sys.argv[1:]])
print(keeper.pid, flush=True)
sys.stdin.read()
"""


@dataclass
class Kept:
    """A server, who keeps what runs beside it running, and what has run so far."""

    server: subprocess.Popen[str]
    keeper: int
    file: Path

    def ran(self) -> list[int]:
        return [int(line) for line in self.file.read_text().split()] if self.file.exists() else []


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    file = tmp_path / "ran"
    command = [sys.executable, "-c", SERVER, sys.executable, "-c", WORK, str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        found = Kept(server, int(server.stdout.readline()), file)
        try:
            until(lambda: len(found.ran()) == 1)
            yield found
        finally:
            server.kill()
            until(lambda: not any(lives(number) for number in (found.keeper, *found.ran())))


def lives(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_runs_beside_the_server_is_started_again_when_it_was_killed(kept: Kept) -> None:
    for count in (1, 2):
        os.kill(kept.ran()[-1], signal.SIGKILL)
        until(lambda wanted=count + 1: len(kept.ran()) == wanted)  # type: ignore[misc]
    assert [lives(number) for number in kept.ran()] == [False, False, True]


@pytest.mark.parametrize("who", ["server", "keeper"])
def test_nothing_outlives_the_server_or_who_keeps_it_running(kept: Kept, who: str) -> None:
    (work,) = kept.ran()
    os.kill(kept.server.pid if who == "server" else kept.keeper, signal.SIGKILL)
    until(lambda: not lives(work) and not lives(kept.keeper))
    assert kept.ran() == [work]
