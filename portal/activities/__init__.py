"""Activities: drafting, review, publishing, the public list and page."""
