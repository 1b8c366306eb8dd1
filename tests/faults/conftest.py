"""What the fault tests share: a casebook without the cost of a passphrase, and batches that can be told apart."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from mainstay.casebook import Casebook, KeySlotCost, container
from mainstay.casebook.keyslots import unseal
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch

PASSPHRASE = "four quiet words here"
NOW = Instant(0)


@dataclass(frozen=True)
class Case:
    """A casebook file, its master key, and the numbered batches of the writer."""

    path: Path
    key: bytes
    writer: ModuleType

    @property
    def script(self) -> str:
        """The program that writes batches."""
        return str(self.writer.__file__)

    def open(self, path: Path | None = None) -> Casebook:
        """Opens it, or a copy of it, without the cost of the passphrase."""
        return self.writer.opened(path or self.path, self.key)

    def batch(self, number: int) -> Batch:
        """Batch `number`."""
        return self.writer.numbered(number)

    def add(self, casebook: Casebook, number: int) -> None:
        """Adds batch `number`."""
        casebook.add(self.batch(number), self.writer.CONSENT, now=NOW)

    def content(self, casebook: Casebook) -> frozenset:
        """Everything on record, as values."""
        records = casebook.read("own_answers", now=NOW).records
        return frozenset((r.id, r.stream, r.happened, r.known, r.source, r.body) for r in records)

    def content_after(self, batches: int) -> frozenset:
        """What a casebook holds after batches 0 to `batches` - 1."""
        records = [record for number in range(batches) for record in self.batch(number).records]
        return frozenset((r.id, r.stream, r.happened, r.known, r.source, r.body) for r in records)


@pytest.fixture(scope="session")
def writer() -> ModuleType:
    path = Path(__file__).with_name("writer.py")
    specification = importlib.util.spec_from_file_location("faults_writer", path)
    module = importlib.util.module_from_spec(specification)
    sys.modules["faults_writer"] = module
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def case(tmp_path: Path, writer: ModuleType) -> Case:
    path = tmp_path / "kept" / "case.mainstay"
    path.parent.mkdir()
    Casebook.create(path, PASSPHRASE, now=NOW, cost=KeySlotCost.least()).close()
    head = container.read_head(path)
    return Case(path, unseal(head.slots[0], PASSPHRASE, head.case_id), writer)
