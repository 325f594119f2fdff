"""Disclosure control: which registered numbers may be printed together without giving away a small one."""
