"""A survey: who was asked what, and which numbers of people agree with what was published; read from a TOML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from estimator.errors import Fault, InputError, did_you_mean
from estimator.shipped import folder
from estimator.signals.counts import Range, nearest_counts, possible_counts, weights
from estimator.signals.people import People, read_people
from estimator.signals.schema import MOST_RESPONDENTS, AnswerSection, MarginSection, QuestionSection, SurveyFile
from estimator.signals.sums import Floats, Node, possible, span
from estimator.study.sections import read_placed, shown
from estimator.study.shipped import looks_like_path
from estimator.study.tomlfile import Location, TomlFile, read_toml
from estimator.userfiles import is_file, is_folder

SURVEY_FILE = "survey.toml"


@dataclass(frozen=True, eq=False)
class Survey:
    """A survey that was read and checked.

    Parameters
    ----------
    sums : mapping of str to Node
        The numbers of each question with answers by group or together, and how they add up.
    options : mapping of str to mapping of str to list of (int, int)
        For each question with options and each option: for every number of people asked, from 0 up, the fewest and the
        most who may have chosen it.
    people : People or None
        How many there are of each group outside the survey.
    """

    name: str
    path: Path
    file: SurveyFile
    sums: Mapping[str, Node]
    options: Mapping[str, Mapping[str, Sequence[Range]]]
    people: People | None = None

    @property
    def files(self) -> dict[str, Path]:
        """The inputs, for a record of what was used."""
        files = {"survey": self.path}
        return (
            files if self.file.population is None else files | {"people": self.path.parent / self.file.population.file}
        )

    def groups_of(self, question: str) -> tuple[str, ...]:
        """Return of which groups a question has a number of its own; none where only all together were reported."""
        return tuple(self.file.groups) if self.file.questions[question].answers else ()


def shipped_surveys() -> list[str]:
    """Return the names of the surveys that ship with the tool."""
    return sorted(path.parent.name for path in folder("data").glob(f"*/{SURVEY_FILE}"))


def survey_file(reference: str | Path) -> Path:
    """Find the survey file that a reference means: a folder with one, its path, or the name of a shipped survey.

    Raises
    ------
    InputError
        When there is none.
    """
    path, text = Path(reference), str(reference)
    if is_folder(path) and (path / SURVEY_FILE).exists():
        return path / SURVEY_FILE
    if text in shipped_surveys() and not is_file(path):
        return folder("data") / text / SURVEY_FILE
    if is_file(path):
        return path
    known = shipped_surveys()
    near = did_you_mean(text, known) if not looks_like_path(reference) else ""
    message = (
        f"There is no survey here.{near} Give a folder with a file {SURVEY_FILE}, or one that ships with the tool: "
    )
    raise InputError(Fault(text, f"{message}{', '.join(known)}."))


def read_survey(reference: str | Path) -> Survey:
    """Read a survey.

    Parameters
    ----------
    reference : str or Path
        A folder with a file ``survey.toml``, such a file, or the name of a shipped survey.

    Raises
    ------
    InputError
        With every fault: also where numbers cannot be, or do not add up, with the smallest change that would mend it.
    """
    path = survey_file(reference)
    toml = read_toml(path)
    file, findings = read_placed(SurveyFile, toml)
    faults = [toml.fault(at, message) for at, message in (*findings, *_unknown_names(file))]
    if faults:
        raise InputError(_in_order(faults))
    if (everybody := sum(group.respondents for group in file.groups.values())) > MOST_RESPONDENTS:
        message = f"The groups have {everybody} respondents together. At most {MOST_RESPONDENTS} can be used."
        raise InputError(toml.fault(("groups",), message))
    sums: dict[str, Node] = {}
    options: dict[str, dict[str, list[Range]]] = {}
    for name, question in file.questions.items():
        if question.options:
            most = sum(group.respondents for group in file.groups.values())
            options[name] = {
                key: [possible_counts(option, asked) for asked in range(most + 1)]
                for key, option in question.options.items()
            }
    for name, question in file.questions.items():
        if not question.options:
            told = [options[other] for other, asked in file.questions.items() if asked.of == name]
            sums[name] = _Sums(toml, file, name, question, told, faults).root()
    if faults:
        raise InputError(_in_order(faults))
    people = read_people(path.parent / file.population.file, tuple(file.groups)) if file.population else None
    return Survey(path.parent.name if path.name == SURVEY_FILE else path.stem, path, file, sums, options, people)


def _in_order(faults: Sequence[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: fault.line or 0)


def _unknown_names(file: SurveyFile) -> Iterator[tuple[Location, str]]:
    """Yield the places where a group or question is named that is not declared."""
    for name, question in file.questions.items():
        yield from _unknown_groups(file, ("questions", name), question)
    with_sums = [name for name, question in file.questions.items() if not question.options]
    named: list[tuple[Location, str | None]] = [
        (("questions", name, "of"), question.of) for name, question in file.questions.items()
    ]
    named += [(("comparisons", at, "question"), comparison.question) for at, comparison in enumerate(file.comparisons)]
    named += [(("selection", "question"), file.selection.question if file.selection else None)]
    for place, asked in named:
        if asked is not None and asked not in with_sums:
            yield place, f"There is no question '{asked}' with yes and no.{did_you_mean(asked, with_sums)}"


def _unknown_groups(file: SurveyFile, at: Location, question: QuestionSection) -> Iterator[tuple[Location, str]]:
    named: list[tuple[Location, str]] = [((*at, "answers", group), group) for group in question.answers]
    named += [
        ((*at, "margins", number, "groups"), group)
        for number, margin in enumerate(question.margins)
        for group in margin.groups
    ]
    for place, group in named:
        if group not in file.groups:
            yield place, f"The survey has no group '{group}'.{did_you_mean(group, file.groups)}"


class _Sums:
    """Makes the tree of groups and margins of one question, and says what of it cannot be."""

    def __init__(
        self,
        toml: TomlFile,
        file: SurveyFile,
        name: str,
        question: QuestionSection,
        told: Sequence[Mapping[str, Sequence[Range]]],
        faults: list[Fault],
    ) -> None:
        self._toml, self._file, self._name, self._question = toml, file, name, question
        self._told, self._faults = told, faults
        self._at: Location = ("questions", name)

    def root(self) -> Node:
        """Return the number of all who said yes, and what it is the sum of."""
        groups = tuple(self._file.groups)
        everybody = sum(group.respondents for group in self._file.groups.values())
        if not self._question.answers:
            groups = ("everybody",)
            for number, margin in enumerate(self._question.margins):
                if margin.groups:
                    message = "Only some groups are named, but no answer is given by group. Add answers, or all groups."
                    self._fault(("margins", number, "groups"), message)
        nodes: dict[frozenset[str], Node] = {}
        for number, group in enumerate(groups):
            people = everybody if group == "everybody" else self._file.groups[group].respondents
            answer = self._question.answers.get(group)
            weight = np.ones(people + 1) if answer is None else self._weight(answer, people, ("answers", group))
            nodes[frozenset({group})] = Node(weight, (), number)
        for members, weight, place in self._margins(groups, everybody):
            self._add(nodes, members, weight, place)
        [root] = nodes.values()
        if not self._faults and not all(allowed.any() for allowed in possible(root)):
            self._fault(
                (), "What is said of groups and of all together cannot hold at once. Look the numbers up again."
            )
        return root

    def _margins(self, groups: Sequence[str], everybody: int) -> Iterator[tuple[frozenset[str], Floats, Location]]:
        """Yield the margins from the smallest to that of everybody, each with what is said of its number."""
        margins: list[tuple[frozenset[str], MarginSection, Location]] = [
            (frozenset(margin.groups or groups), margin, ("margins", number))
            for number, margin in enumerate(self._question.margins)
        ]
        for members, margin, place in sorted(margins, key=lambda item: len(item[0])):
            if len(members) < len(groups):
                people = sum(self._file.groups[group].respondents for group in members)
                yield members, self._weight(margin, people, place), place
        whole = np.ones(everybody + 1)
        place = ()
        for members, margin, at in margins:
            if len(members) == len(groups):
                whole, place = whole * self._weight(margin, everybody, at), at
        yield frozenset(groups), whole * self._told_by_options(everybody), place

    def _add(self, nodes: dict[frozenset[str], Node], members: frozenset[str], weight: Floats, place: Location) -> None:
        """Put a margin above its groups; a fault where it shares only some of the groups of another margin."""
        if members in nodes:
            node = nodes[members]
            nodes[members] = Node(node.weight * weight, node.parts, node.group)
            return
        inside = [key for key in nodes if key <= members]
        if frozenset().union(*inside) != members:
            message = (
                "This margin has some groups of another margin in it, but not all of them. Of margins that cross each "
                "other only one can be used; take one out."
            )
            self._fault(place, message)
            return
        node = Node(weight, tuple(nodes[key] for key in inside))
        self._check_sum(node, place)
        for key in inside:
            del nodes[key]
        nodes[members] = node

    def _check_sum(self, node: Node, place: Location) -> None:
        """Say by how much the parts miss what they should add up to."""
        ends, allowed = span(node), np.flatnonzero(node.weight)
        if ends is None or not allowed.size:
            return
        least, most = int(allowed[0]), int(allowed[-1])
        if ends[1] < least:
            by = least - ends[1]
            told = f"The groups add up to {ends[1]} at most, and here at least {least} are said."
        elif ends[0] > most:
            by = ends[0] - most
            told = f"The groups add up to {ends[0]} at least, and here at most {most} are said."
        else:
            return
        change = f"The smallest change that would mend it is one by {by} {'person' if by == 1 else 'persons'}."
        self._fault(place, f"{told} {change} Look the numbers up again, or widen their limits.")

    def _told_by_options(self, everybody: int) -> Floats:
        """Return what the percentages of options say of the number of those who were asked.

        Each option has a share with a uniform prior: of n people each number has probability 1 / (n + 1), so that a
        percentage that m numbers of people agree with has probability m / (n + 1).
        """
        weight = np.ones(everybody + 1)
        for options in self._told:
            for ranges in options.values():
                agree = np.array([max(most - least + 1, 0) for least, most in ranges])
                weight *= agree / np.arange(1, everybody + 2)
        if self._told and not weight.any():
            self._fault((), "No number of people agrees with every percentage of the options. Look them up again.")
            return np.ones(everybody + 1)
        return weight

    def _weight(self, answer: AnswerSection, people: int, place: Location) -> Floats:
        weight = weights(answer, people)
        if weight.any():
            return weight
        self._fault(place, _impossible(answer, people))
        return np.ones(people + 1)

    def _fault(self, place: Location, message: str) -> None:
        self._faults.append(self._toml.fault((*self._at, *place), message))


def _impossible(answer: AnswerSection, people: int) -> str:
    """Say why no number of people agrees with an answer."""
    if answer.percent is not None:
        below, above = nearest_counts(answer.percent, people)
        near = " and ".join(f"{count} ({100 * count / people:.1f} %)" for count in dict.fromkeys((below, above)))
        return (
            f"No number of {people} people is {shown(answer.percent)} % of them, rounded; nearest are {near}. "
            "Look it up again, or give the number itself: yes = ..., with said = the words of the source."
        )
    if answer.yes is not None or answer.between is not None:
        given = answer.yes if answer.yes is not None else list(answer.between or ())
        return f"Found {given}, but only {people} were asked. Look the number up again."
    return f"No number of {people} people lies between these bounds. Widen them."
