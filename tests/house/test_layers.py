"""Who imports whom: downward only, nothing in circles, and nothing heavy where the command line must be quick."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from estimator.checks.all_checks import CHECKS
from estimator.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
LAYERS = (
    "ending",
    "reasons",
    "errors",
    "userfiles",
    "parts",
    "seeds",
    "shipped",
    "words",
    "capture",
    "study",
    "registers",
    "methods",
    "population",
    "runs",
    "work",
    "fits",
    "comparison",
    "calibration",
    "checks",
    "scrutiny",
    "published",
    "signals",
    "planning",
    "multiverse",
    "disclosure",
    "bundle",
    "report",
    "document",
    "notebooks",
    "cli",
)
HEAVY = {
    "arviz",
    "arviz_base",
    "arviz_stats",
    "dask",
    "distributed",
    "duckdb",
    "h5netcdf",
    "matplotlib",
    "numba",
    "nutpie",
    "pandas",
    "pyarrow",
    "pymc",
    "pytensor",
    "splink",
    "python_calamine",
    "xarray",
}
HEAVY_MODULES = {"scipy.stats", "scipy.optimize"}
KNOWS_PYMC = {
    "estimator.methods.loglinear.nuts",
    "estimator.methods.loglinear.pymc_nuts",
    "estimator.methods.loglinear.definition",
}
QUICK = (
    "estimator.__main__",
    "estimator.cli.main",
    "estimator.capture.checking",
    "estimator.capture.table",
    "estimator.study.study",
    "estimator.study.priors",
)


LOADS_A_LIBRARY = {"estimator.methods.loglinear.pymc_nuts", "estimator.report.figures.plain_figure"}
"""Modules that are imported inside functions, because they load PyMC or matplotlib as they are imported."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.glob("estimator/**/*.py")}


def targets(statement: ast.stmt, module: str) -> list[str]:
    """The modules that an import statement names; of ``from a import b`` both a and a.b when that is a module."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    if isinstance(statement, ast.ImportFrom):
        assert statement.level == 0, f"{module}: a sibling is imported by its full path"
        base = statement.module or ""
        inner = [f"{base}.{alias.name}" for alias in statement.names]
        return [base, *(name for name in inner if name in SOURCES)]
    return []


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(module: str, *, inside_functions: bool, for_types: bool = False) -> Iterator[str]:
    """The modules that a module imports when it is loaded; on request also inside functions, and for types only."""
    queue: list[ast.AST] = [SOURCES[module]]
    while queue:
        for node in ast.iter_child_nodes(queue.pop()):
            if for_types_only(node) and not for_types:
                continue
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not inside_functions:
                continue
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from targets(node, module)
            queue.append(node)


def layer(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "estimator" and len(parts) > 1 and parts[1] in LAYERS else None


def is_heavy(name: str) -> bool:
    return name.split(".")[0] in HEAVY or any(name == heavy or name.startswith(heavy + ".") for heavy in HEAVY_MODULES)


def test_every_room_has_its_place():
    rooms = {name.split(".")[1] for name in SOURCES if name.count(".")} - {"__main__"}
    assert rooms <= set(LAYERS), "give the new room a place in LAYERS, here and in ARCHITECTURE.md"


@pytest.mark.parametrize("module", sorted(name for name in SOURCES if layer(name)))
def test_imports_go_downward_only(module):
    own = LAYERS.index(layer(module))
    everything = imports(module, inside_functions=True, for_types=True)
    above = [name for name in everything if layer(name) and LAYERS.index(layer(name)) > own]
    assert not above, f"{module} imports {above}, which are layers above it"


@pytest.mark.parametrize("module", sorted(name for name in SOURCES if layer(name)))
def test_siblings_are_imported_by_full_path(module):
    assert "estimator" not in imports(module, inside_functions=True) or module == "estimator.cli.main"


@pytest.mark.parametrize("module", sorted(name for name in SOURCES if layer(name) not in (None, "cli")))
def test_only_commands_import_the_house_inside_functions_or_for_types(module):
    """Elsewhere that would hide who needs whom, but for modules that load a large library."""
    at_once = set(imports(module, inside_functions=False))
    later = set(imports(module, inside_functions=True, for_types=True)) - at_once
    assert {name for name in later if name in SOURCES and name != "estimator"} <= LOADS_A_LIBRARY


def test_no_module_imports_itself_in_a_circle():
    """Not inside functions either, nor for types only."""
    graph = {
        name: {other for other in imports(name, inside_functions=True, for_types=True) if other in SOURCES}
        for name in SOURCES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"these import each other: {' -> '.join(error.args[1])}")


BEHIND_THE_DOOR = tuple(
    f"estimator.methods.{path.parent.name}" for path in ROOT.glob("estimator/methods/*/__init__.py")
)
OF_ONE_METHOD = {"estimator.checks.loglinear": "estimator.methods.loglinear"}
"""Rooms that look at the parts of a method, by that method: the checks that declare that they serve it alone."""


def parts_known_by(module: str) -> list[str]:
    everything = imports(module, inside_functions=True, for_types=True)
    return [name for name in everything if f"{name}.".startswith(tuple(f"{one}." for one in BEHIND_THE_DOOR))]


@pytest.mark.parametrize("module", sorted(name for name in SOURCES if layer(name)))
def test_a_method_is_known_through_the_door_alone(module):
    own = [method for method in BEHIND_THE_DOOR if f"{module}.".startswith(f"{method}.")]
    own += [method for room, method in OF_ONE_METHOD.items() if module.startswith(f"{room}.")]
    known = [name for name in parts_known_by(module) if not any(name.startswith(method) for method in own)]
    assert not known, f"{module} imports {known}; what it needs of a method is asked through methods/door.py"


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_checks_of_the_parts_of_a_method_declare_it(check):
    room = CHECKS[check].home.split(":")[0].rpartition(".")[0]
    assert CHECKS[check].methods == ((OF_ONE_METHOD[room].rpartition(".")[2],) if room in OF_ONE_METHOD else ())


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_only_three_modules_know_pymc(module):
    used = {name.split(".")[0] for name in imports(module, inside_functions=True)} & {"pymc", "pytensor", "nutpie"}
    assert not used or module in KNOWS_PYMC


@pytest.mark.parametrize(
    "start", sorted({"estimator", *QUICK} | {entry.home.split(":")[0] for entry in COMMANDS.values()})
)
def test_what_must_be_quick_loads_nothing_heavy(start):
    loaded, queue = set(), [start]
    while queue:
        module = queue.pop()
        if module not in loaded and module in SOURCES:
            loaded.add(module)
            queue += imports(module, inside_functions=False)
            heavy = [name for name in imports(module, inside_functions=False) if is_heavy(name)]
            assert not heavy, f"{start} loads {module}, which imports {heavy} before it is needed"


def test_the_package_itself_imports_only_the_standard_library():
    assert set(imports("estimator", inside_functions=False)) <= {"__future__", "importlib", "typing"}


@pytest.mark.parametrize("module", sorted(name for name in SOURCES if (ROOT / name.replace(".", "/")).is_dir()))
def test_rooms_have_nothing_but_a_docstring_in_their_init(module):
    if module != "estimator":
        assert [type(node) for node in SOURCES[module].body] == [ast.Expr]
