"""The likelihood of the model as DESIGN.md defines it, in plain loops: nothing here is shared with the program.

For stratum s and history h: log cell = log n0 + log share[s] + sum of the coverage of the lists of h + sum of the terms
that h is on. Every observed number is Poisson with mean the sum of the cells that it covers.
"""

from __future__ import annotations

import math
from itertools import product

from estimator.capture.table import UNBOUNDED, CaptureTable


def histories(n_lists):
    """All histories, list 0 being the most significant bit."""
    return list(product((0, 1), repeat=n_lists))


def expected_cells(table: CaptureTable, log_n0, log_share, coverage, terms):
    """Expected people in every cell, by stratum and history.

    `coverage[s][l]` are log odds; `terms` maps tuples of names of lists to log odds ratios.
    """
    cells = {}
    for s in range(table.n_strata):
        for number, history in enumerate(histories(table.n_lists)):
            on = {name for name, bit in zip(table.lists, history, strict=True) if bit}
            log_cell = log_n0 + log_share[s]
            for place, bit in enumerate(history):
                log_cell += bit * coverage[s][place]
            for names, value in terms.items():
                if set(names) <= on:
                    log_cell += value
            cells[s * table.n_histories + number] = math.exp(log_cell) if table.possible[s, number] else 0.0
    return cells


def log_poisson(count, mean):
    return count * math.log(mean) - mean - math.lgamma(count + 1)


def covers_of(table: CaptureTable):
    return [table.cover_cell[table.cover_start[j] : table.cover_start[j + 1]].tolist() for j in range(len(table.lower))]


def log_likelihood(table: CaptureTable, cells):
    """Log-likelihood of a table, up to a constant of the counts; exact numbers may have covers that overlap.

    The people of overlapping covers are those of the cells together: the cells count once, and each number adds the
    log of the sum of its cells (coarsening at random). For covers that do not overlap this is the Poisson probability.
    """
    total, exposed = 0.0, set()
    for lower, upper, cover in zip(table.lower.tolist(), table.upper.tolist(), covers_of(table), strict=True):
        mean = sum(cells[cell] for cell in cover)
        if lower == upper:
            exposed |= set(cover)
            if lower:
                total += lower * math.log(mean)
        else:
            last = upper if upper != UNBOUNDED else int(mean + 40 * math.sqrt(mean) + lower + 60)
            logs = [log_poisson(k, mean) for k in range(lower, last + 1)]
            total += max(logs) + math.log(math.fsum(math.exp(one - max(logs)) for one in logs))
    return total - math.fsum(cells[cell] for cell in exposed)


def log_softmax(values):
    top = max(values)
    size = top + math.log(math.fsum(math.exp(value - top) for value in values))
    return [value - size for value in values]
