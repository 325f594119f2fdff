"""Published numbers that can be put beside ours, read from files: ``data/published/NAME.toml``, or a user's own.

A file holds one or more figures, each with the table, the method and its options, so that another one takes no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from estimator.errors import Fault, InputError, did_you_mean
from estimator.methods.registry import chosen_options, method_named
from estimator.methods.summary import LEVELS
from estimator.shipped import folder
from estimator.study.assumed import reference_from
from estimator.study.priors import read_priors
from estimator.study.published import PublishedFigure
from estimator.study.sections import Filled, PlacedSection, Text, read_placed
from estimator.study.shipped import looks_like_path, shipped_studies, whole_name
from estimator.study.study import Study, read_study
from estimator.study.tomlfile import Location, TomlFile, read_toml
from estimator.userfiles import is_file, is_there

Expected = Literal["reproduces", "differs", "not-public"]
"""What comes of a figure: ours is the same, ours is another for a known reason, no public table can answer it."""

PRINTED = 0.5
"""Persons by which a number that was printed to the person may be off."""


def _a_level(value: float) -> float:
    if value not in LEVELS:
        raise ValueError(f"Found {value:g}; intervals here are of {', '.join(f'{level:g}' for level in LEVELS)}.")
    return value


Persons = Annotated[float, Field(ge=0, le=1e12, description="a number of persons, such as 11313 or 0.5")]
Name = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]+$", description='a short name without spaces, such as "uk-decomposable"')
]


class NoiseSection(PlacedSection):
    """``noise``: by how many persons a published number may be off because it was itself drawn at random."""

    estimate: Persons = 0.0
    lower: Persons = 0.0
    upper: Persons = 0.0
    because: Annotated[Filled, Field(description='where the noise comes from and how large it is, in "quotes"')]
    because_nl: Text | None = None


class FigureSection(PlacedSection):
    """``[[figures]]``: one published number, with what it takes to compute it again."""

    name: Name
    title: Annotated[Filled, Field(description='what was estimated and how, in "quotes"')]
    title_nl: Text | None = None
    study: Annotated[Filled | None, Field(description="the name of a shipped study, or the path of a study.toml")] = (
        None
    )
    method: Annotated[Filled | None, Field(description='the name of a method, such as "decomposable"')] = None
    priors: Annotated[Filled | None, Field(description="the name of shipped priors, or the path of a file")] = None
    options: Annotated[dict[str, Text], Field(description='choices of the method, such as {strata = "pooled"}')] = {}
    figure: Annotated[Filled | None, Field(description="the id of a figure in the study's published.csv")] = None
    estimate: Persons | None = None
    lower: Persons | None = None
    upper: Persons | None = None
    level: Annotated[
        float, AfterValidator(_a_level), Field(description="the probability of the interval: 0.5, 0.8 or 0.95")
    ] = 0.95
    source: Annotated[Filled | None, Field(description='who published it, in "quotes"')] = None
    source_nl: Text | None = None
    where: Text | None = None
    where_nl: Text | None = None
    software: Text | None = None
    verified: bool = True
    rounding: Persons = PRINTED
    noise: NoiseSection | None = None
    expect: Expected = "reproduces"
    why: Text | None = None
    why_nl: Text | None = None

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        numbers = [self.estimate, self.lower, self.upper]
        if self.figure is None and all(number is None for number in numbers):
            return "There is no published number. Give 'estimate', or 'lower' and 'upper'."
        if self.figure is not None and any(number is not None for number in numbers):
            return "The key 'figure' names a published number, and here is another one. Leave one of the two out."
        if (self.lower is None) != (self.upper is None):
            return "There is one limit without the other. Give both 'lower' and 'upper'."
        given = [number for number in (self.lower, self.estimate, self.upper) if number is not None]
        if given != sorted(given):
            return "The numbers are not in order: 'lower', 'estimate', 'upper'. Look them up again."
        if self.expect != "reproduces" and not self.why:
            return f'A figure that is expected to be "{self.expect}" needs its reason: why = "...".'
        if self.expect != "not-public" and self.method is None:
            return "The key 'method' is missing. Give the name of a method, such as \"decomposable\"."
        return None


class AgainSection(PlacedSection):
    """``[again]``: a study with a file of published figures that is run again as a whole."""

    study: Annotated[Filled, Field(description="the name of a shipped study with published figures")]
    public_table: Annotated[Filled, Field(description="the name of the shipped study that is the public table")]
    priors: Annotated[
        tuple[Text, ...], Field(min_length=1, description="priors under which the public table is analysed")
    ]


class PublishedFile(PlacedSection):
    """The whole of a file of published numbers."""

    title: Annotated[Filled, Field(description='whose figures these are, in "quotes"')]
    title_nl: Text | None = None
    study: Annotated[Filled | None, Field(description="the study of every figure that names none")] = None
    source: Annotated[Filled | None, Field(description="the source of every figure that names none")] = None
    source_nl: Text | None = None
    again: AgainSection | None = None
    figures: tuple[FigureSection, ...] = ()


@dataclass(frozen=True)
class Published:
    """A number that was published, and what it takes to compute it again.

    Parameters
    ----------
    study : str
        What `read_study` takes; empty where no public table can answer it.
    priors : str or None
        None for those of the study.
    figure : str or None
        Id in the study's file of published figures, where the number stands.
    rounding : float
        Persons by which the printed number may be off.
    noise : mapping of str to float
        Persons by which ``"estimate"``, ``"lower"`` and ``"upper"`` may be off besides.
    """

    name: str
    title: str
    title_nl: str | None
    study: str
    method: str
    priors: str | None
    options: Mapping[str, str]
    figure: str | None
    numbers: Mapping[str, float]
    level: float
    source: str
    source_nl: str | None
    where: str
    where_nl: str | None
    software: str
    verified: bool
    rounding: float
    noise: Mapping[str, float]
    noise_because: str
    noise_because_nl: str | None
    expect: Expected
    why: str
    why_nl: str | None


@dataclass(frozen=True)
class Registered:
    """One file of published numbers.

    Parameters
    ----------
    name : str
        By which a user asks for it.
    again : AgainSection or None
        The study that is run again as a whole, where there is one.
    """

    name: str
    title: str
    title_nl: str | None
    again: AgainSection | None
    figures: tuple[Published, ...]


def registered_names() -> list[str]:
    """Return the names of the shipped files, in alphabetical order."""
    return sorted(path.stem for path in (folder("data") / "published").glob("*.toml"))


def registered(reference: str) -> Registered:
    """Read a file of published numbers, with everything that its figures name.

    Parameters
    ----------
    reference : str
        The name of a shipped file, or the path of one.

    Raises
    ------
    InputError
        With every fault of the file, at once.
    """
    file, content, faults = _read(_path_of(reference))
    if not faults:
        reader = _Reader(file, content)
        figures = tuple(reader.published(section) for section in content.figures)
        faults = reader.faults
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.line or 0))
    return Registered(file.path.stem, content.title, content.title_nl, content.again, figures)


def registered_titles() -> dict[str, tuple[str, str | None]]:
    """Return whose figures each shipped file has, in English and in Dutch, without reading what its figures name."""
    titles = {}
    for name in registered_names():
        file, content, faults = _read(_path_of(name))
        if faults:
            raise InputError(faults)
        titles[file.path.stem] = content.title, content.title_nl
    return titles


def _read(path: Path) -> tuple[TomlFile, PublishedFile, list[Fault]]:
    """Return a file of published numbers as far as it can be read, and what is wrong with it."""
    file = read_toml(path)
    content, findings = read_placed(PublishedFile, file)
    return file, content, [file.fault(*finding) for finding in findings]


def _path_of(reference: str) -> Path:
    """Return the file that a reference means."""
    if reference in registered_names():
        return folder("data") / "published" / f"{reference}.toml"
    if looks_like_path(reference) or is_file(Path(reference)):
        return Path(reference)
    near = did_you_mean(reference, registered_names())
    message = (
        f"There is no published study of this name to run again, and no such file.{near} "
        "`darkfigure reproduce` alone lists what there is."
    )
    raise InputError(Fault(reference, message))


class _Reader:
    """Reads the figures of one file, and collects the faults of what they name."""

    def __init__(self, file: TomlFile, content: PublishedFile) -> None:
        self.file, self.content = file, content
        self.faults: list[Fault] = []
        self._studies: dict[str, Study | None] = {}
        self._names: set[str] = set()
        again = content.again
        self._listed: Mapping[str, PublishedFigure] = {}
        if again is not None:
            for key in ("study", "public_table"):
                self._study(getattr(again, key), again.at(key))
            for priors in again.priors:
                self._priors(priors, again.at("priors"))
            study = self._studies.get(again.study)
            self._listed = {figure.id: figure for figure in study.published} if study else {}
        elif not content.figures:
            self._fault((), "There is no figure in this file. Add a section [[figures]].")

    def published(self, section: FigureSection) -> Published:
        """Return a figure as it is used."""
        if section.name in self._names:
            self._fault(section.at("name"), f"'{section.name}' is there already. Give each figure its own name.")
        self._names.add(section.name)
        computed = section.expect != "not-public"
        if computed:
            self._method(section)
        noise = section.noise
        return Published(
            name=section.name,
            title=section.title,
            title_nl=section.title_nl,
            study=self._study_of(section) if computed else "",
            method=section.method or "",
            priors=self._priors(section.priors, section.at("priors")) if section.priors else None,
            options=section.options,
            figure=section.figure,
            numbers=self._numbers(section),
            level=section.level,
            source=self._source(section),
            source_nl=self._source_nl(section),
            where=section.where or "",
            where_nl=section.where_nl,
            software=section.software or "",
            verified=section.verified,
            rounding=section.rounding,
            noise={key: getattr(noise, key) for key in ("estimate", "lower", "upper")} if noise else {},
            noise_because=noise.because if noise else "",
            noise_because_nl=noise.because_nl if noise else None,
            expect=section.expect,
            why=section.why or "",
            why_nl=section.why_nl,
        )

    def _numbers(self, section: FigureSection) -> dict[str, float]:
        """Return the published numbers that there are, by what they are."""
        listed: FigureSection | PublishedFigure = section
        if section.figure is not None:
            if section.figure not in self._listed:
                near = did_you_mean(section.figure, self._listed)
                self._fault(section.at("figure"), f"No figure of [again].study has the id '{section.figure}'.{near}")
                return {}
            listed = self._listed[section.figure]
        middle = listed.value if isinstance(listed, PublishedFigure) else listed.estimate
        all_three = {"estimate": middle, "lower": listed.lower, "upper": listed.upper}
        return {name: value for name, value in all_three.items() if value is not None}

    def _source(self, section: FigureSection) -> str:
        """Return who published a figure."""
        if section.figure is not None and section.figure in self._listed:
            return section.source or self._listed[section.figure].source
        source = section.source or self.content.source
        if not source:
            self._fault(section.at("source"), "This key is missing. Give who published the number.")
        return source or ""

    def _source_nl(self, section: FigureSection) -> str | None:
        """Return who published a figure in Dutch, of the same place as in English; None where that says nothing."""
        if section.source:
            return section.source_nl
        listed = self._listed.get(section.figure or "")
        return self.content.source_nl if listed is None else listed.source_nl

    def _study_of(self, section: FigureSection) -> str:
        """Return the study of a figure."""
        if section.study:
            return self._study(section.study, section.at("study"))
        if self.content.study:
            return self._study(self.content.study, self.content.at("study"))
        self._fault(section.at("study"), "This key is missing. Give the name of a shipped study, or a path.")
        return ""

    def _study(self, name: str, location: Location) -> str:
        """Return what `read_study` takes for a study that the file names; paths are from the file's folder."""
        beside = self.file.path.parent / name
        there = whole_name(name) not in shipped_studies() and (looks_like_path(name) or is_there(beside))
        reference = str(beside) if there else name
        if name not in self._studies:
            self._studies[name] = None
            try:
                self._studies[name] = read_study(reference)
            except InputError as error:
                inside = [fault for fault in error.faults if fault.line]
                self.faults += inside or [self.file.fault(location, fault.message) for fault in error.faults]
        return reference

    def _priors(self, name: str, location: Location) -> str:
        """Return what `read_priors` takes for priors that the file names."""
        reference = reference_from(self.file.path.parent, name)
        try:
            read_priors(reference)
        except InputError as error:
            self.faults += [self.file.fault(location, fault.message) for fault in error.faults]
        return reference

    def _method(self, section: FigureSection) -> None:
        """Note what is wrong with the method of a figure and its options."""
        key = "method"
        try:
            method = method_named(section.method or "")
            if section.priors and not method.abilities.priors:
                message = f"The method {method.name} takes no prior assumptions. Leave this key out."
                self._fault(section.at("priors"), message)
            key = "options"
            chosen_options(method, section.options)
        except InputError as error:
            self.faults += [self.file.fault(section.at(key), fault.message) for fault in error.faults]

    def _fault(self, location: Location, message: str) -> None:
        self.faults.append(self.file.fault(location, message))
