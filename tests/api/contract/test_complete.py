"""Every line of the contract has a test, and what is left for later says so."""

import pkgutil
from importlib import import_module

import pytest

import tests.api.contract as package
from tests.api.contract.rows import LATER, ROWS, RULES, Later
from tests.api.contract.wire import Wire


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


@pytest.mark.parametrize("later", LATER, ids=lambda one: one.path)
async def test_what_comes_later_is_told_as_absent(wire: Wire, later: Later) -> None:
    assert (await wire.send(f"{later.method} {later.path}")).status == 404
