"""What lowering adds to the syntax: hints, match statements, mentioned names, and the repair of what does not parse."""

from __future__ import annotations

import textwrap

import pytest

from analyzer.model import ir
from analyzer.source import find_problems, lower


def lowered(text: str) -> ir.Module:
    return lower(textwrap.dedent(text).lstrip("\n"))


def defined(module: ir.Module) -> list[str]:
    return [one.name for one in module.body if isinstance(one, ir.FunctionDef | ir.ClassDef)]


def problem_lines(module: ir.Module) -> list[tuple[int, int]]:
    return [(problem.span[0], problem.span[2]) for problem in module.problems]


# Hints


def test_hint_on_an_assignment() -> None:
    module = lowered("""
        s3 = make()  # lpa: service=s3
        sqs = make()  #lpa:service=sqs
        plain = make()  # service=sns
        self.data = make(  # lpa: service=rds-data
            1,
        )
        logs: Any = make(
            1,
        )  # lpa: service=logs
    """)
    hints = [one.hint for one in module.body if isinstance(one, ir.Assign)]
    assert hints == ["s3", "sqs", None, "rds-data", "logs"]


def test_hint_on_a_parameter() -> None:
    module = lowered("""
        def f(
            self,  # lpa: service=sts
            a,  # lpa: service=s3
            b: Any = None,  # lpa: service=sqs
            *,
            c,
        ): ...

        def g(a):  # lpa: service=sns
            ...

        def h(a, b):  # lpa: service=ssm
            ...

        class I:
            def j(self, a):  # lpa: service=kms
                ...
    """)
    f, g, h, i = module.body
    assert isinstance(f, ir.FunctionDef) and isinstance(g, ir.FunctionDef) and isinstance(h, ir.FunctionDef)
    assert isinstance(i, ir.ClassDef) and isinstance(i.body[0], ir.FunctionDef)
    assert [parameter.hint for parameter in f.parameters] == [None, "s3", "sqs", None]
    assert [parameter.hint for parameter in g.parameters] == ["sns"]
    # Which of two parameters is meant is not guessed; `self` is never meant.
    assert [parameter.hint for parameter in h.parameters] == [None, None]
    assert [parameter.hint for parameter in i.body[0].parameters] == [None, "kms"]


# Match statements


def test_match() -> None:
    module = lowered("""
        match a, b:
            case 1 | "two" | None: pass
            case C.D: pass
            case e: pass
            case _: pass
            case f if g: pass
            case [h, *i]: pass
            case {"j": k, **l}: pass
            case M(n, o=p) as q: pass
            case -1: pass
    """)
    [match] = module.body
    assert isinstance(match, ir.Match)
    assert isinstance(match.subject, ir.Display)
    assert [one.captures for one in match.cases] == [
        [], [], ["e"], [], ["f"], ["h", "i"], ["k", "l"], ["n", "p", "q"], [],
    ]  # fmt: skip
    assert [one.irrefutable for one in match.cases] == [False, False, True, True, False, False, False, False, False]
    assert [one.guard is not None for one in match.cases].index(True) == 4
    literals = [[one.value for one in case.literals if isinstance(one, ir.Constant)] for case in match.cases]
    assert literals[0] == [1, "two", None]
    dotted = match.cases[1].literals[0]
    assert isinstance(dotted, ir.Attribute) and dotted.name == "D"


def test_match_as_a_name() -> None:
    module = lowered("match = {}\nmatch['a'] = 1\nprint(match)")
    assert [type(one) for one in module.body] == [ir.Assign, ir.Assign, ir.ExpressionStatement]


# Names


def test_mentioned_and_called_names() -> None:
    module = lowered("""
        from a import b as c

        def d(e):
            f.g.h(i)
            j = k
            return l()
    """)
    assert {"b", "f", "g", "h", "i", "k", "l"} <= module.mentioned
    assert not module.mentioned & {"d", "e"}
    assert module.called == {"h"}


def test_syntax_newer_than_the_interpreter_is_understood() -> None:
    module = lowered("""
        type Names = list[str]

        class Box[T]:
            def get[U](self, default: U) -> T | U: return f"{d["key"]}"
    """)
    assert module.problems == []
    assert defined(module) == ["Box"]


def test_an_escape_that_is_none_stays_as_it_is() -> None:
    # CPython warns of it; the tests would fail on a warning.
    [assignment] = lower(r"x = '\d\n'").body
    assert isinstance(assignment, ir.Assign) and isinstance(assignment.value, ir.Constant)
    assert assignment.value.value == "\\d\n"


# Repair


def test_a_broken_function_leaves_the_others() -> None:
    module = lowered("""
        import a

        def first(): return 1

        def broken():
            x = = 1
            return x

        class Third:
            def method(self): return 3

        last = 4
    """)
    assert defined(module) == ["first", "broken", "Third"]
    assert isinstance(module.body[-1], ir.Assign)
    assert problem_lines(module) == [(6, 6)]


@pytest.mark.parametrize(
    "text",
    [
        "def first(): pass\n\ndef broken(:\n    pass\n\ndef last(): pass\n",
        "def first(): pass\n\ndef broken():\n    x = f(1,\n    y = [\n\ndef last(): pass\n",
        "def first(): pass\n\ndef broken():\n    return 'text\n\ndef last(): pass\n",
        "def first(): pass\n\ndef broken()\n    return 1\n\ndef last(): pass\n",
        "def first(): pass\n\nif x:\nelse broken\n\ndef last(): pass\n",
        "def first(): pass\n\n<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n\ndef last(): pass\n",
        "def first(): pass\n\nclass Broken\n    x = 1\n\ndef last(): pass\n",
        "def first(): pass\n\nfor in x: y\n\ndef last(): pass\n",
    ],
    ids=["parameters", "brackets", "string", "colon", "if", "conflict", "class", "for"],
)
def test_what_does_not_parse_is_reported_and_the_rest_survives(text: str) -> None:
    module = lower(text)
    names = defined(module)
    assert names[0] == "first" and names[-1] == "last"
    last_line = text.count("\n")
    assert module.problems
    assert all(1 < start <= end < last_line for start, end in problem_lines(module))
    assert [problem.span for problem in find_problems(text)] == [problem.span for problem in module.problems]


def test_lines_keep_their_numbers_behind_a_repair() -> None:
    text = "def broken():\n    x = (\n    return\n\n\ndef last():\n    return a.b()\n"
    last = lower(text).body[-1]
    assert isinstance(last, ir.FunctionDef) and last.span[0] == 6
    returned = last.body[0]
    assert isinstance(returned, ir.Return) and isinstance(returned.value, ir.Call)
    assert returned.value.span == (7, 12, 7, 17)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "'doc'\n", "\x0c\n", "pass"])
def test_nothing_to_lower(text: str) -> None:
    module = lower(text)
    assert module.body == [] and module.problems == []


_BROKEN = ["((((((((((", "\x00", "def", "class", "@", "'''", "f'{", "lambda", "{[(", "=" * 5000]
_DEEP = ["x = " + "(" * 3000 + ")" * 3000, "x = " + "-" * 5000 + "1", "x = " + "[" * 2000 + "]" * 2000]


@pytest.mark.parametrize("text", _BROKEN)
def test_any_text_is_lowered_without_a_crash(text: str) -> None:
    assert lower(text).problems


@pytest.mark.parametrize("text", _DEEP, ids=["parentheses", "minus", "brackets"])
def test_deep_nesting_ends(text: str) -> None:
    module = lower(text + "\n")
    assert module.problems or module.body


def test_a_thousand_terms_are_a_chain() -> None:
    module = lower("x = 0" + " + 1" * 20_000)
    [assignment] = module.body
    assert isinstance(assignment, ir.Assign) and isinstance(assignment.value, ir.Binary)


def test_two_thousand_arms_are_a_chain() -> None:
    module = lower("if a: b\n" + "elif c: d\n" * 20_000 + "else: e\n")
    [statement] = module.body
    depth = 0
    while isinstance(statement, ir.If) and statement.orelse:
        statement, depth = statement.orelse[0], depth + 1
    assert depth == 20_001


def test_windows_line_ends_and_tabs() -> None:
    module = lower("if a:\r\n\tb('c')\r\n\td = '''e\r\nf'''\r\n")
    [statement] = module.body
    assert isinstance(statement, ir.If) and len(statement.body) == 2
    second = statement.body[1]
    assert isinstance(second, ir.Assign) and isinstance(second.value, ir.Constant) and second.value.value == "e\nf"
