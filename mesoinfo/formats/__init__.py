"""How dates and times are written in the admin, by language: Django's own forms of a time leave out its zone."""
