"""What priors state, and what they say of a study, as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping

from estimator.methods.prior_view import Expected, GroupView, Overlap, PriorView
from estimator.methods.summary import Summary
from estimator.reasons import Reason
from estimator.report.terminal.layout import paragraph
from estimator.study.priors import Priors
from estimator.study.priorsections import StatedPrior
from estimator.words.numbers import WIDTH, number, percentage, roughly, share, wrapped
from estimator.words.shown import on_one_line, shown
from estimator.words.words import Words

_LABEL, _NUMBER, _OBSERVED = 11, 8, 13
_QUANTILES = (2.5, 10, 25, 50, 75, 90, 97.5)


def priors_text(priors: Priors, words: Words) -> str:
    """Return every prior as it is stated, each with its reason."""
    language = words.language
    headings = priors.title_in(language), priors.description_in(language)
    parts = [paragraph(shown(text)) for text in headings if text]
    before: str | Reason = ""
    for prior in priors.stated():
        text = paragraph(in_words(prior, words), "  ", "")
        if prior.reason and prior.reason != before:
            why = (language == "nl" and prior.reason_nl) or prior.reason
            reason = words.say(why) if isinstance(why, Reason) else shown(why)
            text += "\n" + paragraph(reason, "    ")
        before = prior.reason
        parts.append(text)
    parts.append(words.text("priors.file", path=str(priors.path)))
    return "\n\n".join(parts)


def in_words(prior: StatedPrior, words: Words) -> str:
    """Return a prior in a sentence: the quantity, and what is believed of it."""
    return f"{words.say(prior.what)}: {words.say(prior.statement)}"


def prior_view_text(view: PriorView, words: Words) -> str:
    """Return what a prior says of a study, at most 80 characters wide."""
    return "\n".join(_View(view, words).lines())


class _View:
    """The lines of a prior view in one language."""

    def __init__(self, view: PriorView, words: Words) -> None:
        self.view, self.words = view, words

    def lines(self) -> Iterator[str]:
        """Yield all lines."""
        view, text = self.view, self.words.text
        yield wrapped(on_one_line(view.study.title_in(self.words.language)))
        yield from ("", wrapped(text("priors.title", title=view.priors.title_in(self.words.language))))
        if view.study.table_kind != "observed":
            yield from ("", wrapped(text(f"estimate.kind.{view.study.table_kind}")))
        yield from ("", wrapped(text("priors.not-an-estimate")))
        if view.priors.residual is not None and view.priors.has_residual:
            said = in_words(view.priors.residual.stated(view.priors.dependence.scale), self.words)
            yield from ("", wrapped(f"{said[0].upper()}{said[1:]}."))
        yield from ("", *self._stated(), "", *self._expected())
        yield from ("", wrapped(self._verdict()))
        reading = text("priors.reading", draws=view.n_draws, seed=view.seed)
        yield from ("", wrapped(reading))

    def _stated(self) -> Iterator[str]:
        """Yield the lines of what the prior on the dark figure says."""
        text, priors = self.words.text, self.view.priors
        included = priors.coverage.form == "differences"
        yield wrapped(text("priors.heading.stated", residual=priors.has_residual, included=included))
        yield from self._head(text("priors.column.registered"))
        for group in self.view.groups.values():
            yield from self._group_label(group)
            observed = f"{self._bounds(group.registered.observed, self._whole)} "
            yield from self._row(text("priors.row.unseen"), self._people(group.dark_figure), observed)
            yield from self._row(text("priors.row.all"), self._people(group.N))
            yield from self._row(text("priors.row.coverage"), self._shares(group.coverage))

    def _expected(self) -> Iterator[str]:
        """Yield the lines of the tables that all priors together expect."""
        text, total = self.words.text, self.view.total
        yield wrapped(text("priors.heading.expected"))
        if self.view.priors.coverage.form == "differences":
            yield wrapped(text("priors.registered-has-no-prior"))
        yield from self._head(text("priors.column.observed"))
        for group in self.view.groups.values():
            yield from self._group_label(group)
            yield from self._row(text("priors.row.all"), self._people(group.expected_size))
            yield from self._row(text("priors.row.coverage"), self._shares(group.expected_coverage))
            yield from self._compared(text("priors.row.registered"), group.registered)
            yield from self._compared(text("priors.row.two-or-more"), group.two_or_more)
        yield wrapped(text("priors.heading.on-each-list"))
        yield from self._share_rows(total.lists)
        yield wrapped(text("priors.heading.on-both"))
        yield from self._share_rows(total.overlaps)

    def _share_rows(self, overlaps: Mapping[str, Overlap]) -> Iterator[str]:
        """Yield a row for each list or pair."""
        for name, overlap in overlaps.items():
            expected = overlap.of_registered
            observed = self._marked(expected, self._bounds(expected.observed, self._per_cent))
            yield from self._row(on_one_line(name), self._shares(expected.prior), observed)

    def _compared(self, label: str, expected: Expected) -> Iterator[str]:
        """Yield the row of a number of people that was observed too."""
        observed = self._marked(expected, self._bounds(expected.observed, self._whole))
        yield from self._row(label, self._people(expected.prior), observed)

    @staticmethod
    def _marked(expected: Expected, text: str) -> str:
        """Return an observed number, with a star when the prior does not expect it."""
        return f"{text}*" if expected.surprising else f"{text} "

    def _head(self, last: str) -> Iterator[str]:
        """Yield the heading of a block."""
        median = self.words.text("priors.column.median")
        quantiles = [
            median
            if level == 50
            else percentage(number(level, int(level % 1 > 0), self.words.language), self.words.language)
            for level in _QUANTILES
        ]
        yield from self._row("", quantiles, f"{last} ")
        yield "-" * WIDTH

    def _group_label(self, group: GroupView) -> list[str]:
        """Return the line, or lines, that name a group."""
        return textwrap.wrap(on_one_line(group.label.text(self.words.language)), WIDTH)

    @staticmethod
    def _row(label: str, numbers: Iterable[str], observed: str = "") -> Iterator[str]:
        """Yield one line; above it what does not fit of its label."""
        lines = textwrap.wrap(label, _LABEL - 1, break_long_words=False) or [""]
        last = lines.pop() if len(lines[-1]) < _LABEL else ""
        yield from (f" {piece}" for line in lines for piece in textwrap.wrap(line, WIDTH - 1))
        cells = "".join(f"{cell:>{_NUMBER}}" for cell in numbers)
        yield f"{' ' + last if last else '':<{_LABEL}}{cells}{observed:>{_OBSERVED}}".rstrip()

    def _people(self, summary: Summary) -> list[str]:
        """Return the quantiles of a number of people."""
        return [short_count(value, self.words.language) for value in _quantiles(summary)]

    def _shares(self, summary: Summary) -> list[str]:
        """Return the quantiles of a share."""
        return [self._per_cent(value) for value in _quantiles(summary)]

    def _whole(self, value: float) -> str:
        """Return an observed number of people in full, where it fits."""
        language = self.words.language
        return number(value, language=language) if value < 10_000_000 else short_count(value, language)

    def _per_cent(self, value: float) -> str:
        """Return a share; one so small that it rounds to nothing is still not nothing."""
        language = self.words.language
        if 0 < value < 0.0005:
            return percentage(f"<{number(0.1, 1, language)}", language)
        return percentage("0", language) if value == 0 else share(value, language)

    def _bounds(self, observed: tuple[float, float], show: Callable[[float], str]) -> str:
        """Return an observed number, or its bounds: ``3,586-4,081``, ``16-18 %``."""
        lower, upper = observed
        if upper == float("inf"):
            return f"{show(lower)}+"
        if show(lower) == show(upper):
            return show(lower)
        text = f"{show(lower).removesuffix(' %')}-{show(upper)}"
        if len(text) <= _OBSERVED - 2:
            return text
        return self.words.text("priors.or-more", number=short_count(lower, self.words.language))

    def _verdict(self) -> str:
        """Say whether prior and data live in the same world."""
        surprising, compared = self.view.surprising, len(self.view.total.compared)
        if not surprising:
            return self.words.text("priors.all-inside", compared=compared)
        return self.words.text(
            "priors.some-outside", outside=len(surprising), compared=compared, numbers=tuple(surprising)
        )


def _quantiles(summary: Summary) -> list[float]:
    """Return the limits of the 95, 80 and 50 % intervals and the median, in ascending order."""
    intervals = [summary.intervals[level] for level in sorted(summary.intervals)]
    return [*(lower for lower, _ in reversed(intervals)), summary.median, *(upper for _, upper in intervals)]


def short_count(value: float, language: str = "en") -> str:
    """Return a number of persons in at most seven characters: 9,870 · 413,000 · 6.66M · >1000M."""
    if value < 999_500:
        return roughly(value, language)
    if value >= 999.5e6:
        return ">1000M"
    text = f"{value / 1e6:.3g}M"
    return text if language == "en" else text.replace(".", ",")
