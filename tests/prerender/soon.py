"""The application, whose workers try again after a second what they would try again after `REPAIR_AFTER`: for short tests."""

from procedures.prerender import serving

serving.REPAIR_AFTER = 1.0

from mesoinfo.wsgi import application  # noqa: E402 (its workers begin when it is imported)

__all__ = ["application"]
