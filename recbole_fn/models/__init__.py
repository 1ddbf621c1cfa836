"""What is mixed into RecBole's models."""
