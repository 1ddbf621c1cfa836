"""Says what a run would read from a data set, before it is run."""
