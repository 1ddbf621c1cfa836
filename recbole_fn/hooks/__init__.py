"""Everything that touches RecBole's globals: its look-ups, configuration, log, and `sys.argv`."""
