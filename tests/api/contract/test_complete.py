"""Every line of the contract has a test."""

import pkgutil
from importlib import import_module

import tests.api.contract as package
from tests.api.contract.rows import ROWS, RULES


def named(kind: str) -> set[str]:
    """What the tests of this folder name with `@row` or `@rule`."""
    modules = [
        import_module(f"{package.__name__}.{one.name}")
        for one in pkgutil.iter_modules(package.__path__)
        if one.name.startswith("test_")
    ]
    tests = [one for module in modules for name, one in vars(module).items() if name[:5] == "test_"]
    marks = [mark for one in tests for mark in getattr(one, "pytestmark", [])]
    return {text for mark in marks if mark.name == kind for text in mark.args}


def test_every_row_has_a_test() -> None:
    assert named("row") == set(ROWS)


def test_every_rule_has_a_test() -> None:
    assert named("rule") == set(RULES)
