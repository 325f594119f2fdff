"""Text, figures and pages of what a run holds; the only room besides the command line that shows anything."""
