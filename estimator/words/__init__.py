"""Words and number formats: the only room that makes sentences."""
