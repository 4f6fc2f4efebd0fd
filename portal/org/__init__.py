"""Station tree, civilized units, vocabularies as data, and the district's working calendar."""
