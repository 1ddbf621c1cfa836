"""Results of runs: files of jobs, ranks of their targets, statistics, and tables."""
