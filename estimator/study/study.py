"""The study: a capture table with its meaning, assumptions and questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from estimator.capture.cells import TableKind
from estimator.capture.declaration import Declaration
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError
from estimator.reasons import Reason
from estimator.study.assumed import prior_faults, reference_from
from estimator.study.changes import breaks_of
from estimator.study.decisions import carried_out, with_choices
from estimator.study.denominators import Denominators
from estimator.study.inputs import Inputs, Located, number_of_table, read_inputs
from estimator.study.names import declaration_of, name_findings
from estimator.study.published import PublishedFigure
from estimator.study.questions import (
    TOTAL,
    Change,
    Decision,
    DisclosureRules,
    Group,
    Label,
    Labels,
    ModelSettings,
    Period,
    Precision,
)
from estimator.study.references import study_file
from estimator.study.register_errors import errors_of
from estimator.study.schema import CovariateSection, StudyFile
from estimator.study.sections import read_placed
from estimator.study.tomlfile import Location, TomlFile, read_toml
from estimator.study.unlisted import Extrapolation, listed_part
from estimator.words.catalogue import Language

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
    source, source_nl : str
        Who published or supplied the counts; the same in Dutch, where the study says it.
    table : CaptureTable
        The counts, after what was decided about the lists.
    declaration : Declaration
        What was declared of the table before it was read: also of lists that were then dropped.
    labels : Labels
        What lists, covariates and levels are called in reports.
    groups : mapping of str to Group
        Whose size is asked; always with ``"total"``, first.
    period : Period or None
        The time that the table covers.
    licence, licence_nl : str
        Under which terms the counts may be used.
    caveats, caveats_nl : tuple of str
        What a reader of any result must know.
    language : {"en", "nl"}
        In which language results are printed unless another is asked for.
    path : Path or None
        The study file; None for a study made in Python.
    files : mapping of str to Path
        The inputs, ``"study"`` and ``"table"``, and where there are any ``"denominators"`` and ``"published"``, for a
        record of what was used.
    decisions : tuple of Decision
        What was decided about lists; the table has them behind it.
    unlisted : tuple of Reason
        Strata in which no list ran: not estimated, or extrapolated by a decision.
    published : tuple of PublishedFigure
        What was published before, for comparison.
    round_to : int or None
        To what multiple a report rounds estimated people; None for what each interval asks for.
    precision : Precision or None
        How wide an interval the decision at hand bears; None where nobody said.
    imputed : tuple of CaptureTable
        Several tables of the same people, in which what was not known is filled in each time anew; `table` is the
        first. Empty for a study of one table.
    disclosure : DisclosureRules or None
        Which registered numbers a report may print; all of them when there are no rules.
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
    source_nl: str | None = None
    licence_nl: str | None = None
    caveats_nl: tuple[str, ...] = ()
    language: Language = "en"
    path: Path | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    unlisted: tuple[Reason, ...] = ()
    changes: tuple[Change, ...] = ()
    denominators: Denominators | None = None
    published: tuple[PublishedFigure, ...] = ()
    disclosure: DisclosureRules | None = None
    round_to: int | None = None
    precision: Precision | None = None
    imputed: tuple[CaptureTable, ...] = ()

    @property
    def tables(self) -> tuple[CaptureTable, ...]:
        """Every table of the study: one, or the imputed ones."""
        return self.imputed or (self.table,)

    @property
    def only_table(self) -> CaptureTable:
        """The table, for what takes one alone.

        Raises
        ------
        InputError
            When there are several imputed ones.
        """
        if self.imputed:
            message = (
                f"This study has {len(self.imputed)} imputed tables, and one is asked for. Name one of them alone: "
                f'table = "{self.table_name(1)}" in place of tables.'
            )
            raise InputError(Fault(str(self.path or self.name), message))
        return self.table

    def with_table(self, number: int) -> Study:
        """Return the study with one of its tables alone, counted from 1."""
        others = {number_of_table(other) for other in range(1, len(self.tables) + 1)}
        files = {what: path for what, path in self.files.items() if what not in others}
        if number_of_table(number) in self.files:
            files["table"] = self.files[number_of_table(number)]
        return replace(self, table=self.tables[number - 1], imputed=(), files=files)

    def table_name(self, number: int) -> str:
        """Return the name of the file of a table, counted from 1; its number where it has no file."""
        path = self.files.get(number_of_table(number))
        return str(number) if path is None else path.name

    @property
    def table_kind(self) -> TableKind:
        """Whether the counts were observed, reconstructed from publications, or made up: stands in every output."""
        return self.table.kind

    def title_in(self, language: str) -> str:
        """Return the title in a language; in English when there is none in it."""
        return self.title_nl if language == "nl" and self.title_nl else self.title

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
        name, title, source
            As for the class.
        groups : iterable of Group
            Besides the total.
        model : ModelSettings, optional
            By default the shipped default priors, with heterogeneity by every covariate.
        period, labels
            As for the class; names serve as labels when there are none.

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
    """Return the groups by name, with the total in front."""
    named = {group.name: group for group in groups}
    return {TOTAL: named.pop(TOTAL, Group(TOTAL, _EVERYBODY)), **named}


def read_study(reference: str | Path, decisions: Mapping[str, str] | None = None, *, table: str | None = None) -> Study:
    """Read a study and its table.

    Parameters
    ----------
    reference : str or Path
        Name of a shipped study, a folder with a study.toml, or the path of a study file.
    decisions : mapping of str to str, optional
        ``"keep"``, ``"drop"`` or ``"merge"`` by name of a decision of the study, in place of the choice in its file.
    table : str, optional
        Another table, from the folder of the study file, in place of the one that it names.

    Raises
    ------
    InputError
        With every fault of the study file, its table, its priors and the other files that it names, at once.
    """
    file, content, faults = _declared(reference)
    if table is not None:
        content = content.model_copy(update={"table": table, "tables": ()})
    declaration = declaration_of(content)
    inputs, more = read_inputs(file, content, declaration, {location[0] for location, _ in faults if location})
    faults += more
    if not inputs.tables or faults:
        raise InputError([fault for _, fault in faults])
    return _study(file, content, declaration, inputs, decisions or {})


def read_declared(reference: str | Path) -> tuple[TomlFile, StudyFile]:
    """Read a study file alone, of which the table may not be there yet.

    Raises
    ------
    InputError
        With every fault of the study file and its priors, at once.
    """
    file, content, faults = _declared(reference)
    if faults:
        raise InputError([fault for _, fault in faults])
    return file, content


def _declared(reference: str | Path) -> tuple[TomlFile, StudyFile, list[Located]]:
    """Return a study file as far as it can be read, and what is wrong with it, in the order of its lines."""
    file = read_toml(study_file(reference))
    content, findings = read_placed(StudyFile, file)
    declaration = declaration_of(content)
    faulty = [location for location, _ in findings]
    named = [
        (location, message)
        for location, message in name_findings(content, declaration)
        if not any(_is_same_fault(location, other) for other in faulty)
    ]
    faults: list[Located] = [(location, file.fault(location, message)) for location, message in [*findings, *named]]
    faults += prior_faults(file, declaration.lists, _model(file, content), complete=not findings)
    faults.sort(key=lambda located: file.line_of(located[0]) or 0)
    return file, content, faults


def _is_same_fault(finding: Location, fault: Location) -> bool:
    """Tell whether a wrong name is the consequence of a wrong type or missing key that has a fault already."""
    inner = ("levels", "where", "lists", "history", "list")
    below = fault[: len(finding)] == finding
    around = below and (len(fault) == len(finding) or finding[-1] == "where" or fault[len(finding)] in inner)
    return around or finding[: len(fault)] == fault


def _model(file: TomlFile, content: StudyFile, dropped: Iterable[str] = ()) -> ModelSettings:
    """Return the settings of the model, without the terms of lists that are not there."""
    gone, folder, section = frozenset(dropped), file.path.parent, content.model
    false_positives, linkage_errors = errors_of(content, gone)
    model = ModelSettings.for_covariates(
        list(content.covariates),
        priors=reference_from(folder, section.priors),
        three_list=tuple(term for term in section.three_list if not gone & set(term)),
        heterogeneity=section.heterogeneity,
        composition=section.composition,
        breaks=tuple(change for change in breaks_of(content) if change.list not in gone),
        beside=tuple(reference_from(folder, name) for name in section.beside),
        method=section.method,
        options=section.options,
    )
    return replace(
        model,
        false_positives=false_positives,
        linkage_errors=linkage_errors,
        unknown_share=content.table_format.unknown_share,
    )


def _study(
    file: TomlFile, content: StudyFile, declaration: Declaration, inputs: Inputs, chosen: Mapping[str, str]
) -> Study:
    assert inputs.tables, "a study without a table has faults"
    period = Period(**content.period.model_dump()) if content.period else None
    extrapolations = [Extrapolation(**section.model_dump()) for section in content.extrapolate]
    decisions = with_choices([Decision(**section.model_dump()) for section in content.decisions], chosen)
    done = [carried_out(table, decisions, file.fault) for table in inputs.tables]
    asked = tuple(with_total(_groups(content)).values())
    # which lists ran where is declared, so that the same strata are left of every table
    parts = [listed_part(table, asked, period, extrapolations, str(file.path)) for table in (one.table for one in done)]
    listed = parts[0]
    return Study(
        name=file.path.resolve().parent.name if file.path.name == "study.toml" else file.path.stem,
        title=content.title,
        source=content.source,
        table=listed.table,
        declaration=declaration,
        labels=done[0].labels(labels_of(content)),
        model=done[0].model(_model(file, content, set(declaration.lists) - set(done[0].lists))),
        groups={group.name: group for group in listed.groups},
        period=listed.period,
        unlisted=listed.statements,
        licence=content.licence,
        caveats=content.caveats,
        title_nl=content.title_nl,
        source_nl=content.source_nl,
        licence_nl=content.licence_nl,
        caveats_nl=content.caveats_nl,
        language=content.language,
        path=file.path,
        files={"study": file.path, **inputs.files},
        decisions=decisions,
        changes=tuple(Change(**section.model_dump()) for section in content.changes),
        denominators=inputs.denominators,
        published=inputs.published,
        imputed=tuple(part.table for part in parts) if len(parts) > 1 else (),
        round_to=content.report.round_to if content.report else None,
        precision=Precision(**content.precision.model_dump()) if content.precision else None,
        disclosure=DisclosureRules(**content.disclosure.model_dump()) if content.disclosure else None,
    )


def _groups(content: StudyFile) -> Iterable[Group]:
    for name, section in content.groups.items():
        otherwise = _EVERYBODY if name == TOTAL else Label(name)
        yield Group(name, _label(section.label, section.label_nl, otherwise), section.where, section.per)


def _label(english: str | None, dutch: str | None, otherwise: Label) -> Label:
    return Label(english or otherwise.en, dutch or (None if english else otherwise.nl))


def labels_of(content: StudyFile) -> Labels:
    """Return what the lists, covariates and levels of a study file are called."""
    return Labels(
        {name: _label(section.label, section.label_nl, Label(name)) for name, section in content.lists.items()},
        {name: _label(section.label, section.label_nl, Label(name)) for name, section in content.covariates.items()},
        {name: _level_labels(section) for name, section in content.covariates.items()},
    )


def _level_labels(section: CovariateSection) -> dict[str, Label]:
    return {level: Label(section.labels.get(level, level), section.labels_nl.get(level)) for level in section.levels}
