"""All that touches RecBole's globals: its look-ups, its configuration, its log, `sys.argv`."""
