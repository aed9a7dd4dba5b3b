"""Modules: importing binds names, and runs a module of the program on its first import."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from analyzer.errors import InputError
from analyzer.flow.machine import Frame
from analyzer.flow.values import ABSENT, Cells, Foreign, ModuleObject, Scope, Value
from analyzer.model import ir
from analyzer.model.calls import Unresolved, UnresolvedReason
from analyzer.model.location import Location
from analyzer.model.values import Known

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine
    from analyzer.model.program import Found, SourceFile

Bind = Callable[[str, Value], None]


class Modules:
    """The modules of the program that were reached."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine
        self._by_file: dict[str, ModuleObject] = {}
        self._packages: dict[str, ModuleObject] = {}
        self.lowered: dict[str, ir.Module] = {}
        self.lowered_files: set[SourceFile] = set()

    @property
    def reached(self) -> list[ModuleObject]:
        """The modules executed so far."""
        return [module for module in self._by_file.values() if module.executed]

    def lower(self, file: SourceFile) -> ir.Module:
        """Return the IR of a file, empty if it cannot be read; raises InputError if the user named the file itself."""
        module = self.lowered.get(file.absolute)
        if module is not None:
            return module
        try:
            module = self._machine.sources.lower(file)
        except InputError as error:
            if file.named:
                raise
            self.report_unreadable(file, error)
            module = ir.Module([])
        self.lowered[file.absolute] = module
        self.lowered_files.add(file)
        self.report_problems(file, module.problems)
        return module

    def report_unreadable(self, file: SourceFile, error: InputError) -> None:
        """Record that a file cannot be read."""
        self._machine.record_unresolved_at(
            Unresolved(UnresolvedReason.UNREADABLE_FILE, Location(file.path, 1, 1, 1, 1), error.message)
        )

    def report_problems(self, file: SourceFile, problems: list[ir.SyntaxProblem]) -> None:
        """Record what of a file does not parse."""
        for problem in problems:
            location = Location(file.path, *problem.span)
            self._machine.record_unresolved_at(
                Unresolved(UnresolvedReason.SYNTAX_ERROR, location, f"not analysed: {problem.text}")
            )

    def module_of(self, file: SourceFile, folder: str | None = None) -> ModuleObject:
        """Return the module of a file, run if it has not been."""
        module = self._by_file.get(file.absolute)
        if module is None:
            name = file.absolute.removesuffix(".py").rpartition("/")[2]
            module = ModuleObject(name, file, folder, Cells(0))
            self._by_file[file.absolute] = module
        if folder is not None:
            module.folder = folder
        if not module.executed:
            module.executed = True
            self._execute(module, file)
        return module

    def _execute(self, module: ModuleObject, file: SourceFile) -> None:
        lowered = self.lower(file)
        machine, state = self._machine, self._machine.state
        state.write(module.cells, "__name__", Known(module.name) if machine.in_handler_mode else Foreign("__name__"))
        state.write(module.cells, "__file__", Foreign("__file__"))
        frame = Frame(Scope(module.cells, module, None), file, f"<module {file.path}>", state.point())
        machine.frames.append(frame)
        journal = state.set_aside()
        try:
            machine.statements.block(lowered.body)
        finally:
            state.restore(journal)
            machine.frames.pop()

    # Import statements

    def import_module(self, node: ir.Import, bind: Bind) -> None:
        """Carry out `import module [as name]`."""
        importer = self._machine.frame.file
        parts = node.module.split(".")
        found = self._machine.program.find(node.module, 0, importer)
        if found is None:
            if self._is_of_the_program(node.module):
                self._not_found(node.module, node.span)
            bind(node.name or parts[0], Foreign(node.module if node.name else parts[0]))
            return
        modules = self._run_through(parts, 0, importer)
        if modules:
            bind(node.name or parts[0], modules[-1] if node.name else modules[0])

    def _run_through(self, parts: list[str], level: int, importer: SourceFile) -> list[ModuleObject]:
        """Run the modules that importing `a.b.c` runs, `a` and `a.b` first, and return them."""
        modules: list[ModuleObject] = []
        for length in range(1, len(parts) + 1):
            step = self._machine.program.find(".".join(parts[:length]), level, importer)
            module = self._found_module(step, parts[length - 1]) if step is not None else None
            if module is not None:
                if modules:
                    self._machine.state.write(modules[-1].cells, parts[length - 1], module)
                modules.append(module)
        return modules

    def import_from(self, node: ir.ImportFrom, bind: Bind) -> None:
        """Carry out `from module import names`."""
        importer = self._machine.frame.file
        found = self._machine.program.find(node.module, node.level, importer)
        if found is None:
            self._import_from_outside(node, bind)
            return
        parts = node.module.split(".") if node.module else []
        through = self._run_through(parts, node.level, importer)
        module = through[-1] if through else self._found_module(found, "")
        for name, alias in node.names:
            if name == "*":
                self._import_star(module, bind)
            else:
                value = self.member(module, name)
                lacks = value == Foreign(f"{module.name}.{name}", local=True) and module.folder is not None
                # A package that is still being imported may bind the name later; where it began is not for certain.
                if lacks and all(frame.scope.module is not module for frame in self._machine.frames):
                    self._not_found(f"{node.module}.{name}", node.span)
                bind(alias, value)

    def _import_from_outside(self, node: ir.ImportFrom, bind: Bind) -> None:
        if node.level or self._is_of_the_program(node.module):
            self._not_found("." * node.level + node.module, node.span)
        prefix = "." * node.level + node.module
        for name, alias in node.names:
            if name != "*":
                bind(alias, Foreign(f"{prefix}.{name}" if node.module else f"{prefix}{name}", local=bool(node.level)))

    def _is_of_the_program(self, name: str) -> bool:
        """Tell whether a module that was not found would be in a package of the program."""
        package, _, rest = name.partition(".")
        found = self._machine.program.find(package, 0, self._machine.frame.file) if rest else None
        if found is None or found.file is None or found.folder is None:
            return False
        # A package inside another is called by its full name, so this one of the same name is not meant.
        return self._machine.program.find_in(os.path.dirname(found.folder), "__init__") is None

    def _not_found(self, name: str, span: ir.Span) -> None:
        self._machine.record_unresolved(
            UnresolvedReason.MODULE_NOT_FOUND, span, f"module {name} is not among the analysed files"
        )

    def _import_star(self, module: ModuleObject, bind: Bind) -> None:
        state = self._machine.state
        exported = state.read(module.cells, "__all__")
        names = self._machine.objects.fixed_items(exported) if exported is not ABSENT else None
        chosen = None if names is None else {item.value for item in names if isinstance(item, Known)}
        for name, value in state.items(module.cells):
            if isinstance(name, str) and (not name.startswith("_") if chosen is None else name in chosen):
                bind(name, value)

    def _found_module(self, found: Found, name: str) -> ModuleObject:
        if found.file is not None:
            return self.module_of(found.file, found.folder)
        folder = found.folder or ""
        if folder not in self._packages:
            self._packages[folder] = ModuleObject(name, None, folder, Cells(0), executed=True)
        return self._packages[folder]

    def member(self, module: ModuleObject, name: str) -> Value:
        """Return a name of a module: what it binds, or its submodule."""
        value = self._machine.state.read(module.cells, name)
        if value is not ABSENT:
            return value
        submodule = self.submodule(module, name)
        if submodule is not None:
            return submodule
        getter = self._machine.state.read(module.cells, "__getattr__")
        if getter is not ABSENT:
            from analyzer.flow.calling import Arguments

            return self._machine.calling.call(getter, Arguments([Known(name)]), (1, 1, 1, 1))
        return Foreign(f"{module.name}.{name}", local=True)

    def by_name(self, name: str) -> Value:
        """Return the module that `importlib.import_module(name)` gives."""
        found = self._machine.program.find(name, 0, self._machine.frame.file)
        return Foreign(name) if found is None else self._found_module(found, name.rpartition(".")[2])

    def submodule(self, module: ModuleObject, name: str) -> ModuleObject | None:
        """Return the submodule of a package, run if it has not been, None if there is none."""
        if module.folder is None:
            return None
        found = self._machine.program.find_in(module.folder, name)
        return None if found is None else self._found_module(found, name)
