"""How dates and times are written in the admin, by language: in one form everywhere, with their zone."""
