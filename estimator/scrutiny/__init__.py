"""All checks together: the verdict, its record in the run, and publishing against advice."""
