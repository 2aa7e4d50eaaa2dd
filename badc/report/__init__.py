"""What the canonical table says: counts, files, exports and a page of pictures."""
