"""The study: a capture table together with what it means, what is assumed and what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from estimator.capture.declaration import Declaration
from estimator.capture.reading import read_table
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError, did_you_mean
from estimator.study.names import declaration_of, name_findings
from estimator.study.priors import priors_path, read_priors
from estimator.study.questions import TOTAL, Group, Label, Labels, ModelSettings, Period
from estimator.study.references import study_file
from estimator.study.schema import CovariateSection, StudyFile
from estimator.study.sections import read_section
from estimator.study.tomlfile import Location, TomlFile, read_toml

_TABLE_KEYS = frozenset(
    {
        "table",
        "table_kind",
        "lists",
        "covariates",
        "structural_zeros",
        "not_operating",
        "unobserved",
        "table_format",
    }
)
_EVERYBODY = Label("Total", "Totaal")


@dataclass(frozen=True, eq=False)
class Study:
    """A table plus the questions and assumptions that go with it.

    Parameters
    ----------
    name : str
        Short name: that of its folder.
    title : str
        What was counted, where and when.
    source : str
        Who published or supplied the counts.
    table : CaptureTable
        The counts.
    declaration : Declaration
        What was declared of the table before it was read.
    labels : Labels
        What lists, covariates and levels are called in reports.
    model : ModelSettings
        Priors and terms.
    groups : mapping of str to Group
        Whose size is asked; always with ``"total"``, first.
    period : Period or None
        The time that the table covers.
    licence : str
        Under which terms the counts may be used.
    caveats : tuple of str
        What a reader of any result must know.
    title_nl : str or None
        The title in Dutch.
    path : Path or None
        The study file; None for a study made in Python.
    files : mapping of str to Path
        The inputs, ``"study"`` and ``"table"``, for a record of what was used.
    """

    name: str
    title: str
    source: str
    table: CaptureTable
    declaration: Declaration
    labels: Labels
    model: ModelSettings
    groups: Mapping[str, Group]
    period: Period | None = None
    licence: str = ""
    caveats: tuple[str, ...] = ()
    title_nl: str | None = None
    path: Path | None = None
    files: Mapping[str, Path] = field(default_factory=dict)

    @property
    def table_kind(self) -> str:
        """Whether the counts were observed, reconstructed from publications, or made up: stands in every output."""
        return self.table.kind

    @classmethod
    def of_table(
        cls,
        table: CaptureTable,
        *,
        name: str = "study",
        title: str = "",
        source: str = "made in Python",
        groups: Iterable[Group] = (),
        model: ModelSettings | None = None,
        period: Period | None = None,
        labels: Labels | None = None,
    ) -> Study:
        """Make a study of a table in Python, without a study file.

        Parameters
        ----------
        table : CaptureTable
            The counts.
        name, title, source
            As for the class.
        groups : iterable of Group
            Besides the total.
        model : ModelSettings, optional
            By default the shipped default priors, with heterogeneity by every covariate.
        period, labels
            As for the class; names serve as labels when there are none.

        Returns
        -------
        Study
            Complete.

        Raises
        ------
        InputError
            When a group names a covariate or level that the table does not have.
        """
        names = [covariate.name for covariate in table.covariates]
        chosen = with_total(groups)
        for group in chosen.values():
            group.strata(table)
        return cls(
            name=name,
            title=title or name,
            source=source,
            table=table,
            declaration=Declaration(table.lists, table.covariates),
            labels=labels or Labels.of_names(table.lists, table.covariates),
            model=model or ModelSettings.for_covariates(names),
            groups=chosen,
            period=period,
        )


def with_total(groups: Iterable[Group]) -> dict[str, Group]:
    """Return the groups by name, with the total in front.

    Parameters
    ----------
    groups : iterable of Group
        With or without a group named ``"total"``.

    Returns
    -------
    dict of str to Group
        ``"total"`` first.
    """
    named = {group.name: group for group in groups}
    return {TOTAL: named.pop(TOTAL, Group(TOTAL, _EVERYBODY)), **named}


def read_study(reference: str | Path) -> Study:
    """Read a study and its table.

    Parameters
    ----------
    reference : str or Path
        Name of a shipped study, a folder with a study.toml, or the path of a study file.

    Returns
    -------
    Study
        Complete and checked.

    Raises
    ------
    InputError
        With every fault of the study file, its table and its priors at once.
    """
    file = read_toml(study_file(reference))
    content, faults = _content(file)
    table = None
    if not {location[0] for location, _ in faults if location} & _TABLE_KEYS:
        table, more = _table(file)
        faults += more
    if content is None or table is None or faults:
        raise InputError([fault for _, fault in faults])
    return _study(file, content, table)


def _content(file: TomlFile) -> tuple[StudyFile | None, list[tuple[Location, Fault]]]:
    """Return what the study file says, and its faults in the order of its lines."""
    content, faults = read_section(StudyFile, file.data, file.where)
    faulty = [location for location, _ in faults]
    faults += [
        (location, Fault(file.where(location), message))
        for location, message in name_findings(file.data)
        if not any(_is_same_fault(location, other) for other in faulty)
    ]
    faults += _prior_faults(file)
    return content, sorted(faults, key=lambda fault: file.line_of(fault[0]) or 0)


def _is_same_fault(finding: Location, fault: Location) -> bool:
    """Tell whether a wrong name is the consequence of a wrong type or missing key that has a fault already."""
    inner = ("levels", "where", "lists", "history", "list")
    below = fault[: len(finding)] == finding
    around = below and (len(fault) == len(finding) or finding[-1] == "where" or fault[len(finding)] in inner)
    return around or finding[: len(fault)] == fault


def _prior_faults(file: TomlFile) -> list[tuple[Location, Fault]]:
    reference = _priors_reference(file)
    lists = declaration_of(file.data).lists
    location = ("model", "priors")
    try:
        path = priors_path(reference)
        if not path.is_file():
            raise InputError(Fault("", f"There is no file '{path}'."))
    except InputError as error:
        return [(location, Fault(file.where(location), fault.message)) for fault in error.faults]
    try:
        read_priors(reference).check_against(lists)
    except InputError as error:
        return [(location, fault) for fault in error.faults]
    return []


def _priors_reference(file: TomlFile) -> str:
    """Return the priors that a study file asks for, a path being meant from the folder of the study file."""
    model = file.data.get("model")
    reference = model.get("priors") if isinstance(model, dict) else None
    if not isinstance(reference, str) or not reference:
        return "default"
    beside = file.path.parent / reference
    return str(beside) if beside.is_file() or reference.endswith(".toml") else reference


def _table(file: TomlFile) -> tuple[CaptureTable | None, list[tuple[Location, Fault]]]:
    path = file.path.parent / file.data.get("table", "table.csv")
    if not path.exists():
        near = did_you_mean(path.name, sorted(other.name for other in path.parent.glob("*.csv")))
        message = f"There is no table '{path}'. Put it there, or give its path from the folder of the study file.{near}"
        return None, [(("table",), Fault(file.where(("table",)), message))]
    if path.is_dir():
        message = f"'{path}' is a folder. Give the path of the file with the table in it."
        return None, [(("table",), Fault(file.where(("table",)), message))]
    kind = file.data.get("table_kind", "observed")
    try:
        return read_table(path, declaration_of(file.data), kind=kind), []
    except InputError as error:
        return None, [(("table",), fault) for fault in error.faults]


def _study(file: TomlFile, content: StudyFile, table: CaptureTable) -> Study:
    names = [covariate.name for covariate in table.covariates]
    model = content.model
    return Study(
        name=file.path.resolve().parent.name if file.path.name == "study.toml" else file.path.stem,
        title=content.title,
        source=content.source,
        table=table,
        declaration=declaration_of(file.data),
        labels=_labels(content),
        model=ModelSettings.for_covariates(
            names,
            priors=_priors_reference(file),
            three_list=model.three_list,
            heterogeneity=model.heterogeneity,
            composition=model.composition,
        ),
        groups=with_total(
            Group(
                name,
                _label(section.label, section.label_nl, _EVERYBODY if name == TOTAL else Label(name)),
                section.where,
            )
            for name, section in content.groups.items()
        ),
        period=Period(**content.period.model_dump()) if content.period else None,
        licence=content.licence,
        caveats=content.caveats,
        title_nl=content.title_nl,
        path=file.path,
        files={"study": file.path, "table": file.path.parent / content.table},
    )


def _label(english: str | None, dutch: str | None, otherwise: Label) -> Label:
    return Label(english or otherwise.en, dutch or (None if english else otherwise.nl))


def _labels(content: StudyFile) -> Labels:
    return Labels(
        {name: _label(section.label, section.label_nl, Label(name)) for name, section in content.lists.items()},
        {name: _label(section.label, section.label_nl, Label(name)) for name, section in content.covariates.items()},
        {name: _level_labels(section) for name, section in content.covariates.items()},
    )


def _level_labels(section: CovariateSection) -> dict[str, Label]:
    return {level: Label(section.labels.get(level, level), section.labels_nl.get(level)) for level in section.levels}
