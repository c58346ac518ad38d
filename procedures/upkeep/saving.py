"""The pictures of a backup: linked to those of the one before, copied, fetched, taken from an older backup, or named as lost.

A picture that is nowhere as it was stored must not keep the words from being saved.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings

from .. import pictures
from ..models import Image, PictureFile
from .files import PICTURE, file_hash

logger = logging.getLogger(__name__)
DAMAGED, MISSING = "damaged", "missing"


def save_pictures(to: Path, *, former: Sequence[Path]) -> dict[str, str]:
    """Puts every picture into the new folder `to`. Gives those of which no right copy is anywhere: name → why.

    `former`: the folders of pictures of earlier backups, the newest first. One that the newest holds is linked, so that a
    backup costs what is new; its bytes are compared before, because one inode serves all backups. Any other is copied
    from this host, or from the storage that hosts share, or linked to the newest of the older ones that is right.
    """
    to.mkdir()
    pictures.gather(PictureFile.objects.values_list("file", flat=True))
    lost: dict[str, str] = {}
    here = _here()
    for name in sorted({*here, *expected()}):
        if _linked(name, to, former[:1]) or _copied(name, to) or _linked(name, to, former[1:]):
            continue
        lost[name] = DAMAGED if name in here else MISSING
        logger.error("The picture %s is %s, and no backup holds it", name, lost[name])
    return lost


def expected() -> set[str]:
    """The pictures that readers or staff may ask for, as the database knows them; those taken down may be gone."""
    names = {*Image.objects.values_list("file", flat=True), *PictureFile.objects.values_list("file", flat=True)}
    return names - set(PictureFile.objects.hidden().values_list("file", flat=True))


def sentences(lost: Mapping[str, str]) -> list[str]:
    """What to tell of each picture that could not be saved, with the next step."""
    return [
        f"The picture {name} is {why} and in no backup. Send the same picture again as its new version"
        for name, why in lost.items()
    ]


def _here() -> set[str]:
    folder = Path(settings.MEDIA_ROOT)
    found = folder.iterdir() if folder.is_dir() else ()
    return {path.name for path in found if PICTURE.fullmatch(path.name) and not path.is_symlink()}


def _linked(name: str, to: Path, folders: Sequence[Path]) -> bool:
    for folder in folders:
        if _is_right(folder / name):
            os.link(folder / name, to / name)
            return True
    return False


def _copied(name: str, to: Path) -> bool:
    found = pictures.path_of(name) if PICTURE.fullmatch(name) else None
    if found is None:
        return False
    shutil.copyfile(found, to / name)
    if _is_right(to / name):
        return True
    (to / name).unlink()
    return False


def _is_right(path: Path) -> bool:
    named = PICTURE.fullmatch(path.name)
    try:
        return named is not None and path.is_file() and file_hash(path) == named[1]
    except OSError:  # a disk that cannot read it any more
        return False
