"""From RecBole's interactions to the rows of a step: histories, prefixes, windows, loaders."""
