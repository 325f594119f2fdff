"""From people to what the registers wrote down of them: links that were missed or wrong, and people who are no victims.

Loops over arrays, compiled by numba. `estimator.methods.loglinear.likelihood` compares the result with the counts, and
`estimator.methods.loglinear.entries` turns counts back into people. For each stratum, with the people rho[h] whom the
lists h that ran there saw:

1. *Missed links.* Two records of one person on lists a and b are linked with probability 1 - m[a, b], independently,
   and links are carried on: records that hang together are one entry. So nu[g] = sum_h P[g, h] rho[h], where P[g, h] is
   the probability that records g of a person on lists h hang together and are linked to none of the others.
2. *Wrong links.* A share q of the entries with several lists are two people each: one on one of these lists alone, any
   of them as likely, and one on the others. They come on top of nu, and are taken off where those people belong.
3. *False positives.* A share f of the entries of a list are no victims: on that list alone, or on any others too.

Every step is linear in the expected people, so that counts stay Poisson, with these means. That is exact but for one
thing: a person whose records were not linked adds to two counts at once, and here the two do not know of each other.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@numba.njit(nogil=True, error_model="numpy")
def _odds(odds: Floats, at: int) -> float:
    """Return the odds of a declared share; 0 where none is declared."""
    return float(odds[at]) if at >= 0 else 0.0


@numba.njit(nogil=True, error_model="numpy")
def _apart(share_odds: Floats, missed_at: Ints, n_lists: int, first: int, second: int) -> float:
    """Return the probability that no record of lists `first` is linked to one of lists `second`."""
    chance = 1.0
    for a in range(n_lists):
        if (first >> (n_lists - 1 - a)) & 1:
            for b in range(n_lists):
                if (second >> (n_lists - 1 - b)) & 1:
                    odds = _odds(share_odds, missed_at[a * n_lists + b])
                    chance *= odds / (1.0 + odds)
    return chance


@numba.njit(nogil=True, error_model="numpy")
def hang_together(share_odds: Floats, missed_at: Ints, n_lists: int) -> Floats:
    """Return the probability that the records of a person on lists g hang together, shape (2**L,).

    Notes
    -----
    One less the probability that the part with the lowest list hangs together and is apart from the rest, summed over
    all such parts: the recursion for connected random graphs (Gilbert 1959, Annals of Mathematical Statistics 30:1141).
    """
    together = np.ones(1 << n_lists)
    for g in range(1, 1 << n_lists):
        lowest = g & -g
        others = g ^ lowest
        part = others
        while part:
            part = (part - 1) & others
            together[g] -= together[part | lowest] * _apart(
                share_odds, missed_at, n_lists, part | lowest, others ^ part
            )
        together[g] = max(together[g], 0.0)
    return together


@numba.njit(nogil=True, error_model="numpy")
def entry_chances(share_odds: Floats, missed_at: Ints, n_lists: int) -> Floats:
    """Return the expected number of entries with lists g of a person on lists h, shape (2**L, 2**L) by g and h."""
    together = hang_together(share_odds, missed_at, n_lists)
    chances = np.zeros((1 << n_lists, 1 << n_lists))
    for h in range(1, 1 << n_lists):
        g = h
        while g:
            chances[g, h] = together[g] * _apart(share_odds, missed_at, n_lists, g, h ^ g)
            g = (g - 1) & h
    return chances


@numba.njit(nogil=True, error_model="numpy")
def _size(history: int) -> int:
    size = 0
    while history:
        history &= history - 1
        size += 1
    return size


@numba.njit(nogil=True, error_model="numpy")
def split_odds(share_odds: Floats, wrong_at: Ints, n_lists: int, history: int, alone: int) -> float:
    """Return how many wrong entries with some lists there are for each right one, whose odd person is on list `alone`.

    Several lists, of which each is as likely to be that of the odd person; the odds are the mean of those of its links
    with the other lists.
    """
    size, total = _size(history), 0.0
    for b in range(n_lists):
        if b != alone and (history >> (n_lists - 1 - b)) & 1:
            total += _odds(share_odds, wrong_at[alone * n_lists + b])
    return float(total / (size * (size - 1)))


@numba.njit(nogil=True, error_model="numpy")
def recorded_people(cells: Floats, recorded: Ints) -> Floats:
    """Return the people of cells added up over the lists that did not run; those whom no list saw are left out."""
    people = np.zeros(cells.shape)
    n_histories = cells.shape[1]
    for s in range(cells.shape[0]):
        for h in range(n_histories):
            at = recorded[s * n_histories + h]
            if at > 0:
                people[s, at] += cells[s, h]
    return people


@numba.njit(nogil=True, error_model="numpy")
def linked_people(people: Floats, chances: Floats) -> Floats:
    """Return entries after links were missed, shape (S, 2**L)."""
    entries = np.zeros(people.shape)
    for h in range(1, people.shape[1]):
        g = h
        while g:
            chance = chances[g, h]
            if chance > 0.0:
                for s in range(people.shape[0]):
                    entries[s, g] += chance * people[s, h]
            g = (g - 1) & h
    return entries


@numba.njit(nogil=True, error_model="numpy")
def wrongly_linked(entries: Floats, share_odds: Floats, wrong_at: Ints, n_lists: int) -> Floats:
    """Return entries after wrong links were made, shape (S, 2**L)."""
    found = entries.copy()
    for g in range(1, entries.shape[1]):
        if g & (g - 1) == 0:
            continue
        for a in range(n_lists):
            own = 1 << (n_lists - 1 - a)
            odds = split_odds(share_odds, wrong_at, n_lists, g, a) if g & own else 0.0
            if odds > 0.0:
                for s in range(entries.shape[0]):
                    wrong = odds * entries[s, g]
                    found[s, g] += wrong
                    found[s, own] -= wrong
                    found[s, g ^ own] -= wrong
    return found


@numba.njit(nogil=True, error_model="numpy")
def with_false_positives(
    entries: Floats,
    share_odds: Floats,
    false_list: Ints,
    false_at: Ints,
    false_alone: Ints,
    false_in: Floats,
    n_lists: int,
) -> Floats:
    """Return entries with those of people who are no victims, shape (S, 2**L)."""
    found = entries.copy()
    for j in range(false_list.shape[0]):
        own = 1 << (n_lists - 1 - false_list[j])
        odds = _odds(share_odds, false_at[j])
        for s in range(entries.shape[0]):
            if false_in[j, s] > 0.0:
                for g in range(entries.shape[1]):
                    if g & own:
                        found[s, own if false_alone[j] else g] += odds * entries[s, g]
    return found


@numba.njit(nogil=True, error_model="numpy")
def written_down(
    cells: Floats,
    share_odds: Floats,
    missed_at: Ints,
    wrong_at: Ints,
    false_list: Ints,
    false_at: Ints,
    false_alone: Ints,
    false_in: Floats,
    recorded: Ints,
    n_lists: int,
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return what the registers are expected to write down of people.

    Parameters
    ----------
    cells : ndarray, shape (S, 2**L)
        Expected people.
    share_odds : ndarray, shape (E,)
        Odds of the declared shares.
    missed_at, wrong_at, false_list, false_at, false_alone, false_in, recorded
        As in `estimator.methods.loglinear.register_errors.RegisterErrors`, flat.

    Returns
    -------
    chances : ndarray, shape (2**L, 2**L)
        As `entry_chances`.
    people, linked, right, entries : ndarray, shape (S, 2**L)
        By the lists that ran: people, entries after missed links, after wrong links, and with false positives.
    """
    chances = entry_chances(share_odds, missed_at, n_lists)
    people = recorded_people(cells, recorded)
    linked = linked_people(people, chances)
    right = wrongly_linked(linked, share_odds, wrong_at, n_lists)
    entries = with_false_positives(right, share_odds, false_list, false_at, false_alone, false_in, n_lists)
    return chances, people, linked, right, entries


@numba.njit(nogil=True, error_model="numpy")
def _back_from_false_positives(
    slope: Floats,
    right: Floats,
    share_odds: Floats,
    false_list: Ints,
    false_at: Ints,
    false_alone: Ints,
    false_in: Floats,
    n_lists: int,
    by_logs: Floats,
) -> Floats:
    """Return the derivative by entries without false positives, and add that by their log odds to `by_logs`."""
    back = slope.copy()
    for j in range(false_list.shape[0]):
        own = 1 << (n_lists - 1 - false_list[j])
        odds = _odds(share_odds, false_at[j])
        for s in range(slope.shape[0]):
            if false_in[j, s] > 0.0:
                for g in range(slope.shape[1]):
                    if g & own:
                        of_entry = odds * slope[s, own if false_alone[j] else g]
                        back[s, g] += of_entry
                        by_logs[false_at[j]] += of_entry * right[s, g]
    return back


@numba.njit(nogil=True, error_model="numpy")
def _back_from_wrong_links(
    slope: Floats, linked: Floats, share_odds: Floats, wrong_at: Ints, n_lists: int, by_logs: Floats
) -> Floats:
    """Return the derivative by entries without wrong links, and add that by their log odds to `by_logs`."""
    back = slope.copy()
    for g in range(1, slope.shape[1]):
        size = _size(g)
        if size < 2:
            continue
        for a in range(n_lists):
            own = 1 << (n_lists - 1 - a)
            odds = split_odds(share_odds, wrong_at, n_lists, g, a) if g & own else 0.0
            if odds > 0.0:
                moved = 0.0
                for s in range(slope.shape[0]):
                    gain = slope[s, g] - slope[s, own] - slope[s, g ^ own]
                    back[s, g] += odds * gain
                    moved += linked[s, g] * gain
                for b in range(n_lists):
                    at = wrong_at[a * n_lists + b]
                    if b != a and (g >> (n_lists - 1 - b)) & 1 and at >= 0:
                        by_logs[at] += moved * _odds(share_odds, at) / (size * (size - 1))
    return back


@numba.njit(nogil=True, error_model="numpy")
def _add_missed(
    share_odds: Floats, missed_at: Ints, n_lists: int, first: int, second: int, weight: float, by_logs: Floats
) -> None:
    """Add `weight` times the derivative of the log of `_apart` by the log odds of missed links."""
    for a in range(n_lists):
        if (first >> (n_lists - 1 - a)) & 1:
            for b in range(n_lists):
                at = missed_at[a * n_lists + b]
                if (second >> (n_lists - 1 - b)) & 1 and at >= 0:
                    by_logs[at] += weight / (1.0 + _odds(share_odds, at))  # d log m / d logit m = 1 - m


@numba.njit(nogil=True, error_model="numpy")
def _back_from_missed_links(
    slope: Floats, people: Floats, chances: Floats, share_odds: Floats, missed_at: Ints, n_lists: int, by_logs: Floats
) -> Floats:
    """Return the derivative by people, and add that by the log odds of missed links to `by_logs`."""
    back = np.zeros(slope.shape)
    n_histories = slope.shape[1]
    together = hang_together(share_odds, missed_at, n_lists)
    of_together = np.zeros(n_histories)  # d L / d probability of hanging together
    for h in range(1, n_histories):
        g = h
        while g:
            if chances[g, h] > 0.0:
                gain = 0.0
                for s in range(slope.shape[0]):
                    back[s, h] += chances[g, h] * slope[s, g]
                    gain += people[s, h] * slope[s, g]
                if g != h:
                    _add_missed(share_odds, missed_at, n_lists, g, h ^ g, gain * chances[g, h], by_logs)
                of_together[g] += gain * chances[g, h] / together[g]
            g = (g - 1) & h
    # the recursion of `hang_together` backwards: large histories are made of smaller ones
    for g in range(n_histories - 1, 0, -1):
        lowest = g & -g
        others = g ^ lowest
        part = others
        while part and of_together[g] != 0.0:
            part = (part - 1) & others
            apart = _apart(share_odds, missed_at, n_lists, part | lowest, others ^ part)
            if apart > 0.0:
                weight = -of_together[g] * together[part | lowest] * apart
                _add_missed(share_odds, missed_at, n_lists, part | lowest, others ^ part, weight, by_logs)
                of_together[part | lowest] -= of_together[g] * apart
    return back


@numba.njit(nogil=True, error_model="numpy")
def scores_of_people(
    scores: Floats,
    cells: Floats,
    made: tuple[Floats, Floats, Floats, Floats, Floats],
    share_odds: Floats,
    missed_at: Ints,
    wrong_at: Ints,
    false_list: Ints,
    false_at: Ints,
    false_alone: Ints,
    false_in: Floats,
    recorded: Ints,
    n_lists: int,
) -> tuple[Floats, Floats]:
    """Return the derivative by the log of every cell of people, from that by the log of what is written down.

    Parameters
    ----------
    scores : ndarray, shape (S, 2**L)
        By the log of every entry.
    made : tuple of ndarray
        From `written_down`.

    Returns
    -------
    by_cell : ndarray, shape (S, 2**L)
    by_logs : ndarray, shape (E,)
        By the log odds of the declared shares.
    """
    chances, people, linked, right, entries = made
    by_logs = np.zeros(share_odds.shape[0])
    slope = np.zeros(scores.shape)
    for s in range(scores.shape[0]):
        for g in range(scores.shape[1]):
            if entries[s, g] > 0.0:
                slope[s, g] = scores[s, g] / entries[s, g]
    slope = _back_from_false_positives(
        slope, right, share_odds, false_list, false_at, false_alone, false_in, n_lists, by_logs
    )
    slope = _back_from_wrong_links(slope, linked, share_odds, wrong_at, n_lists, by_logs)
    slope = _back_from_missed_links(slope, people, chances, share_odds, missed_at, n_lists, by_logs)
    by_cell = np.zeros(scores.shape)
    for s in range(scores.shape[0]):
        for h in range(scores.shape[1]):
            at = recorded[s * scores.shape[1] + h]
            if at > 0:
                by_cell[s, h] = cells[s, h] * slope[s, at]
    return by_cell, by_logs


@numba.njit(nogil=True, error_model="numpy")
def first_of_person(people: Floats, linked: Floats, chances: Floats) -> Floats:
    """Return the share of entries that have the first list of their person, shape (S, 2**L)."""
    first = np.zeros(people.shape)
    for h in range(1, people.shape[1]):
        highest = 1
        while highest * 2 <= h:
            highest *= 2
        g = h
        while g:
            if g & highest:
                for s in range(people.shape[0]):
                    first[s, g] += chances[g, h] * people[s, h]
            g = (g - 1) & h
    for s in range(people.shape[0]):
        for g in range(1, people.shape[1]):
            if linked[s, g] > 0.0:
                first[s, g] = min(first[s, g] / linked[s, g], 1.0)
    return first


@numba.njit(nogil=True, error_model="numpy")
def _two_people(
    found: Any, i: int, right: Floats, linked: Floats, first: Floats, share_odds: Floats, wrong_at: Ints, n_lists: int
) -> None:
    """Fill in which share of entries with several lists are two people, and how often each of the two is counted."""
    for g in range(1, right.shape[1]):
        for a in range(n_lists):
            own = 1 << (n_lists - 1 - a)
            odds = split_odds(share_odds, wrong_at, n_lists, g, a) if g & own and g != own else 0.0
            for s in range(right.shape[0]):
                found[2, i, s, g] += odds
                found[4, i, s, g] += odds * first[s, own]
                found[5, i, s, g] += odds * first[s, g & ~own]
        for s in range(right.shape[0]):
            odds = found[2, i, s, g]
            if odds > 0.0:
                found[4, i, s, g] /= odds
                found[5, i, s, g] /= odds
                found[2, i, s, g] = min(odds * linked[s, g] / right[s, g], 1.0) if right[s, g] > 0.0 else 0.0


@numba.njit(nogil=True, error_model="numpy")
def people_of_entries(
    cells: Floats,
    share_odds: Floats,
    missed_at: Ints,
    wrong_at: Ints,
    false_list: Ints,
    false_at: Ints,
    false_alone: Ints,
    false_in: Floats,
    recorded: Ints,
    n_lists: int,
) -> Any:
    """Return what the entries are made of, draw by draw.

    A person whose records were not linked is counted with the entry that has her first list.

    Parameters
    ----------
    cells : ndarray, shape (n, S, 2**L)
        Expected people.
    share_odds : ndarray, shape (n, E)
        Odds of the declared shares.

    Returns
    -------
    ndarray, shape (6, n, S, 2**L)
        Expected entries; the share of them who are no victims; of the others the share that are two people; of the
        others again the share with whom a person is counted; and the same of the odd person and of the other one of
        entries that are two people.
    """
    n_draws, n_strata, n_histories = cells.shape
    found = np.zeros((6, n_draws, n_strata, n_histories))
    for i in range(n_draws):
        chances, people, linked, right, entries = written_down(
            cells[i], share_odds[i], missed_at, wrong_at, false_list, false_at, false_alone, false_in, recorded, n_lists
        )
        first = first_of_person(people, linked, chances)
        found[0, i], found[3, i] = entries, first
        _two_people(found, i, right, linked, first, share_odds[i], wrong_at, n_lists)
        for s in range(n_strata):
            for g in range(1, n_histories):
                if entries[s, g] > 0.0:
                    found[1, i, s, g] = min(max(1.0 - right[s, g] / entries[s, g], 0.0), 1.0)
    return found
