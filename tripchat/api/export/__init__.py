"""A trip to take along: a ZIP with all of it for programs, a page to read, photos and files."""

from tripchat.api.export.route import routes

__all__ = ["routes"]
