"""Who is it? Names as they are read, search, candidates, and merging files that turn out to be one person's."""
