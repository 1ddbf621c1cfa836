"""What training costs: versus RecBole, versus the authors' code, and as the data grow."""
