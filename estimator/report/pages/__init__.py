"""Pages of records of a run: HTML of templates."""
