"""What is said of a table by its kind, until every room says it by a code."""

from __future__ import annotations

KIND_NOTES = {
    "observed": "",
    "reconstructed": "RECONSTRUCTED TABLE: calibrated to published estimates. Getting them back is a check of the "
    "software, never evidence about people.",
    "synthetic": "SYNTHETIC TABLE: made up. Nothing here is about real people.",
}
