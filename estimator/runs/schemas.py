"""JSON Schemas of the files of a run, made of the models that write and read them."""

from __future__ import annotations

from estimator.runs.comparison_record import ComparisonRecord
from estimator.runs.estimate_record import EstimateRecord
from estimator.runs.manifest import Manifest
from estimator.runs.records import schema_of
from estimator.runs.scrutiny_record import ScrutinyRecord

SCHEMAS = {
    name: schema_of(model, name, title)
    for name, model, title in (
        ("estimate.schema.json", EstimateRecord, "An estimate of darkfigure"),
        ("comparison.schema.json", ComparisonRecord, "A comparison of darkfigure"),
        ("manifest.schema.json", Manifest, "The manifest of a run of darkfigure"),
        ("scrutiny.schema.json", ScrutinyRecord, "A scrutiny of darkfigure"),
    )
}
"""By name of the file beside this module, which `python -m docs.generate` writes."""
