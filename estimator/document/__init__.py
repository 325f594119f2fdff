"""A report as a tree of sections, tables and figures, made of the record of a run; it knows no format."""
