"""From a document to what its texts may refer to: keys, addresses, definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..document import DEFAULT_LANGUAGE, Document, ImageRecord, Kind
from . import Link, Picture, References, plain


def home_of(document: Document) -> str:
    """Root-relative address of a guide's first page: `/mesotherapy/`, `/es/mesoterapia/`, `/` for the site's own pages."""
    prefix = "/" if document.language == DEFAULT_LANGUAGE else f"/{document.language}/"
    return prefix if document.kind == Kind.SITE else f"{prefix}{document.slug}/"


class File(Protocol):
    """A file of a picture, as `models.PictureFile` has them."""

    file: str
    width: int
    taken_down: bool


def picture_of(image: ImageRecord, files: Sequence[File] = ()) -> Picture:
    """A picture as texts show it; `files` are those made from it and its own, the narrowest first."""
    renditions = [
        (f"/media/{row.file}", row.width, row.file.endswith(".webp")) for row in files if row.file != image.file
    ]
    webp = image.file.endswith(".webp")
    return Picture(
        f"/media/{image.file}",
        image.width,
        image.height,
        image.credit,
        smaller=tuple((url, width) for url, width, other in renditions if other == webp),
        webp=() if webp else tuple((url, width) for url, width, other in renditions if other),
        gone=any(row.taken_down for row in files),
    )


def references_of(document: Document, *, guides: Mapping[str, Link] | None = None, whole: bool = False) -> References:
    """What the texts of `document` may refer to. Pictures are known by their own file alone.

    `guides` are the live guides by folder; `whole` makes links to sections stay on the page that holds them all.
    """
    home = home_of(document)
    prefix = "/" if document.language == DEFAULT_LANGUAGE else f"/{document.language}/"
    return References(
        marks={
            **{source.key: source.title or source.note or source.publisher for source in document.sources},
            **{claim.key: plain(claim.says, inline=True) for claim in document.claims},
        },
        sections={
            section.key: Link(f"#{section.key}" if whole else f"{home}{section.address}/", section.title)
            for section in document.sections
        },
        guides=dict(guides or {}),
        terms={
            term.key: Link(f"{prefix}glossary/#{term.key}", plain(term.definition, inline=True))
            for term in document.terms
        },
        images={image.key: picture_of(image) for image in document.images},
        figures=frozenset(figure.key for figure in document.figures),
    )
