"""The editors' screens, on Django's own admin.

Here live the desk (`site`), a guide's hub page and its lists (`guide`, `lists`, `parts`), the library (`library`, `pictures`, `uses`), the
clinic's record, the records of what happened, the buttons that send, publish and take down (`release`), the editor's
preview and upload (`preview`, `upload`), and the forms, which record every change and overwrite nobody's (`forms`, `edits`).
Never here: pages for readers, the rules of publishing, Markdown.
"""

from . import accounts, clinic, feedback, guide, history, library, moved, parts, pictures, site

__all__ = ["accounts", "clinic", "feedback", "guide", "history", "library", "moved", "parts", "pictures", "site"]
