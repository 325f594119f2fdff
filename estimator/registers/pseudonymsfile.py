"""The file that says how pseudonyms are made: from which columns, in what form, and which columns are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from estimator.errors import InputError
from estimator.registers.normalising import Normaliser, normaliser, wrong_format
from estimator.study.sections import EachOnce, Filled, PlacedSection, read_placed
from estimator.study.tomlfile import Location, read_toml

Columns = Annotated[
    tuple[Filled, ...], EachOnce, Field(min_length=1, description='columns in a list, such as ["surname", "born"]')
]


class ColumnSection(PlacedSection):
    """``[columns.surname]``: what a column of the register holds, and how it is brought to one form."""

    kind: Annotated[
        Literal["name", "date", "number", "text"],
        Field(description="what it holds: name, date, number or text"),
    ]
    infixes: Annotated[
        Literal["keep", "drop"], Field(description="what is done with words such as van der: keep or drop")
    ] = "keep"
    ij_as_y: bool = False
    formats: Annotated[
        tuple[Filled, ...], EachOnce, Field(description='how dates are written, such as ["dd-mm-yyyy", "d/m/yyyy"]')
    ] = ()
    digits: Annotated[int | None, Field(ge=1, le=100, description="how many digits a number has, from 1 to 100")] = None
    values: Annotated[
        dict[str, Filled], Field(description='texts that mean the same, such as {v = "female", vrouw = "female"}')
    ] = {}
    unknown: Annotated[
        tuple[Filled, ...], EachOnce, Field(description='what is written where it is not known, such as ["onbekend"]')
    ] = ()

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        of_kind = {"infixes": "name", "ij_as_y": "name", "formats": "date", "digits": "number", "values": "text"}
        for key in sorted(self.model_fields_set & of_kind.keys()):
            if of_kind[key] != self.kind:
                return (
                    f"'{key}' is for a column of the kind {of_kind[key]}, and this one is a {self.kind}. Take it out."
                )
        if self.kind == "date" and not self.formats:
            return 'Say how dates are written here: formats = ["dd-mm-yyyy"].'
        return next((wrong for form in self.formats if (wrong := wrong_format(form))), None)

    @property
    def normaliser(self) -> Normaliser:
        """What brings a cell to one form."""
        return normaliser(
            self.kind,
            infixes=self.infixes,
            ij_as_y=self.ij_as_y,
            formats=self.formats,
            digits=self.digits,
            values=self.values,
        )


class PseudonymSection(PlacedSection):
    """``[pseudonyms.person]``: a column of pseudonyms, and the columns of which it is made."""

    columns: Columns


class PseudonymsFile(PlacedSection):
    """The whole of the file."""

    pseudonyms: Annotated[
        dict[str, PseudonymSection],
        Field(min_length=1, description="a section [pseudonyms.NAME] for each column of pseudonyms"),
    ]
    columns: Annotated[
        dict[str, ColumnSection],
        Field(description="a section [columns.NAME] for each column that is brought to one form"),
    ]
    keep: Annotated[
        tuple[Filled, ...], EachOnce, Field(description='columns that stay as they are, such as ["registered", "sex"]')
    ] = ()

    @property
    def used(self) -> tuple[str, ...]:
        """Every column of which a pseudonym is made, each once."""
        return tuple(dict.fromkeys(name for section in self.pseudonyms.values() for name in section.columns))


def read_pseudonyms_file(path: Path) -> PseudonymsFile:
    """Read the file.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    file = read_toml(path)
    content, findings = read_placed(PseudonymsFile, file)
    findings = [*findings, *([] if findings else _name_findings(content))]
    if findings:
        raise InputError([file.fault(location, message) for location, message in findings])
    return content


def _name_findings(content: PseudonymsFile) -> Iterator[tuple[Location, str]]:
    """Yield columns that are named and not described, or described and not used, and identifiers that would stay."""
    for section in content.pseudonyms.values():
        for column in section.columns:
            if column not in content.columns:
                message = f"It is not said what '{column}' holds. Add a section [columns.{column}] with its kind."
                yield section.at("columns"), message
    for name, column_section in content.columns.items():
        if name not in content.used:
            yield column_section.at(), "No pseudonym is made of this column. Take the section out, or name it in one."
    for name in content.keep:
        if name in content.pseudonyms:
            yield content.at("keep"), f"'{name}' is the name of a column of pseudonyms. Give that another name."
