"""The pictures a page shows: which smaller files there are of them, and which were taken down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from ..document import Document
from ..models import PictureFile
from ..rendering import Picture
from ..rendering.of_document import picture_of


class Pictures(Mapping[str, Picture]):
    """The pictures of a document by key. One query, when a text of the page shows the first of them."""

    def __init__(self, document: Document) -> None:
        self._images = {image.key: image for image in document.images}

    @cached_property
    def _known(self) -> dict[str, Picture]:
        files = PictureFile.objects.of(image.file for image in self._images.values())
        return {key: picture_of(image, files.get(image.file, ())) for key, image in self._images.items()}

    def __getitem__(self, key: str) -> Picture:
        if key not in self._images:
            raise KeyError(key)
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._images)

    def __len__(self) -> int:
        return len(self._images)
