"""Converts csv, tsv and parquet tables to RecBole's atomic files, with types guessed."""
