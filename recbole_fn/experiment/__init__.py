"""One run, from its configuration to its result, in one process or in several."""
