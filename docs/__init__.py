"""Sources of the documentation, and the tables in it that are made from the code."""
