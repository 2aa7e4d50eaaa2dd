"""One picture a file: figures in, a :class:`badc.report.page.style.Picture` out."""
