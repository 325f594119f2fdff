"""Text for a terminal: at most 80 columns, in the language that is asked for."""
