"""The base class that is mixed into RecBole's sequential models."""
