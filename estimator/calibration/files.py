"""What a calibration leaves in its folder besides the results of single fits: the numbers and the pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.runs.replacing import replace_together

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from estimator.calibration.grid import GridReport
    from estimator.calibration.held_out import HeldOutReport
    from estimator.calibration.sbc_report import SbcReport


def save_sbc(report: SbcReport, folder: Path) -> list[str]:
    """Write ``sbc.json`` and a picture of the ranks under each set of priors, in place of earlier ones.

    Parameters
    ----------
    folder : Path
        Is there.

    Returns
    -------
    list of str
        Names of the files.
    """
    from estimator.calibration.drawing import draw_ranks

    pictures = {f"sbc-{one.priors}.svg": svg_bytes(draw_ranks(one)) for one in report.results if one.done}
    return _save(folder, {"sbc.json": _json_bytes(report.to_dict()), **pictures})


def save_grid(report: GridReport, folder: Path) -> list[str]:
    """Write ``grid.json`` and ``grid.svg``, in place of earlier ones.

    Parameters
    ----------
    folder : Path
        Is there.

    Returns
    -------
    list of str
        Names of the files.
    """
    from estimator.calibration.drawing import draw_grid

    return _save(folder, {"grid.json": _json_bytes(report.to_dict()), "grid.svg": svg_bytes(draw_grid(report))})


def save_held_out(report: HeldOutReport, folder: Path) -> list[str]:
    """Write ``held-out.json`` and ``held-out.svg``, in place of earlier ones.

    Parameters
    ----------
    folder : Path
        Is there.

    Returns
    -------
    list of str
        Names of the files.
    """
    pictures = {"held-out.svg": svg_bytes(report.plot())} if report.cases else {}
    return _save(folder, {"held-out.json": _json_bytes(report.to_dict()), **pictures})


def svg_bytes(figure: Figure) -> bytes:
    """Return a figure as SVG, its words as text; the same figure gives the same bytes."""
    import matplotlib

    target = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "darkfigure", "svg.fonttype": "none"}):
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def _save(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    replace_together(folder, files)
    return list(files)


def _json_bytes(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
