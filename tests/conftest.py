"""In every test results have the methods that a notebook calls."""

import estimator.notebooks  # noqa: F401
