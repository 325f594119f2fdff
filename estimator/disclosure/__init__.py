"""Disclosure control: which registered numbers may be printed together, so that no small one can be worked out."""
