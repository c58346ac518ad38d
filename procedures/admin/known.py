"""What a text of a guide may name at this moment: the keys forms check against and the editor offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..document import DEFAULT_LANGUAGE, Document, Form, Kind, Slot, slots
from ..document import shape as shapes
from ..models import Guide, Part, PictureFile, Shared, shared_parts, used_document, working_document
from ..rendering import Link, References, used
from ..rendering.of_document import picture_of, references_of


@dataclass(frozen=True)
class Known:
    """The working text of a guide with everything shared, and what its keys mean."""

    document: Document
    references: References

    def keys(self, of: str) -> frozenset[str]:
        """The keys a list of keys may hold; `of` as in `document.shape.keys`."""
        if of == "marks":
            return frozenset(self.references.marks)
        return frozenset(item.key for item in self.document.items(of))


def known_of(guide: Guide | None) -> Known:
    """What the texts of `guide` may name; without a guide, what words and sources may name."""
    if guide is not None and guide.pk:
        document = working_document(guide)
    else:
        language = guide.language if guide is not None else DEFAULT_LANGUAGE
        document = Document(
            folder="new",
            kind=Kind.PROCEDURE,
            slug="new",
            language=language,
            title="",
            **shared_parts(),  # type: ignore[arg-type]
        )
    rows = Guide.objects.filter(language=document.language, withdrawn__isnull=True).values_list("folder", "title")
    references = references_of(document, guides={folder: Link(f"/{folder}/", title) for folder, title in rows})
    files = PictureFile.objects.of(image.file for image in document.images)
    pictures = {image.key: picture_of(image, files.get(image.file, ())) for image in document.images}
    return Known(document, replace(references, images=pictures))


def fields_of(model: type[Guide | Part | Shared]) -> dict[str, Slot]:
    """Model field → the slot of the document it is written into."""
    if issubclass(model, Guide):
        return {
            **{slot.attribute: slot for slot in slots(Document) if slot.form not in (Form.PART, Form.PARTS)},
            **{f"status_{slot.name}": slot for slot in slots(shapes.Status)},
        }
    return {slot.attribute: slot for slot in slots(model.SHAPE)}


def guides_using(name: str, key: str) -> Iterator[Guide]:
    """The guides whose working text uses the shared item `key` of the list `name` ("sources", "terms", "images")."""
    for guide in Guide.objects.all():
        if any(item.key == key for item in used_document(guide, used).items(name)):
            yield guide
