"""schema.org graphs from a document. Never here: anything that is not visible on the page."""
