"""How the evidence prior is learned from public tables; not part of the installed package."""
