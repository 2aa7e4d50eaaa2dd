"""One page of pictures and sounds."""

from badc.report.page.compose import Page, Wish, write_page

__all__ = ["Page", "Wish", "write_page"]
