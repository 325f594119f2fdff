"""Sentences in English, until every room holds codes: of the kind of a table, and of what files hold."""

from __future__ import annotations

KIND_NOTES = {
    "observed": "",
    "reconstructed": "RECONSTRUCTED TABLE: calibrated to published estimates. Getting them back is a check of the "
    "software, never evidence about people.",
    "synthetic": "SYNTHETIC TABLE: made up. Nothing here is about real people.",
}
