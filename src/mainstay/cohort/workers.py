"""Where batches are worked on: threads here, processes here, or a Dask cluster over TLS. Any executor fits."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mainstay.cohort.stopping import hear, live_with
from mainstay.errors import BadRequest

THREADS, PROCESSES, TLS = "threads", "processes", "tls://"
ANSWER_S, WORKER_S = 30.0, 600.0
"""How long a cluster may take to answer, and its first worker to come; a queue of jobs takes minutes."""


@dataclass(slots=True)
class Here:
    """Workers on this machine: `make` gives an executor of so many with what cuts its line, and another at need."""

    count: int
    make: Callable[[], tuple[Executor, Callable[[], None]]]
    _executor: Executor | None = None
    _cut: Callable[[], None] | None = None

    def executor(self) -> Executor:
        """The executor that works now."""
        if self._executor is None:
            self._executor, self._cut = self.make()
        return self._executor

    def renew(self) -> None:
        """Another executor, the next time one is asked for."""
        self.close()

    def close(self) -> None:
        """Lets the workers go; what was not begun is dropped, what is underway is broken off."""
        if self._executor is not None and self._cut is not None:
            self._cut()
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._cut = None

    def fell(self, error: BaseException) -> bool:
        """Whether the error says that a worker died rather than that the work failed."""
        return isinstance(error, BrokenExecutor)


def threads(count: int) -> Here:
    """Threads of this process: nothing is copied, and whoever takes one down takes all."""

    def make() -> tuple[Executor, Callable[[], None]]:
        stop = threading.Event()
        return ThreadPoolExecutor(count, "cohort", initializer=hear, initargs=(stop,)), stop.set

    return Here(count, make)


def processes(count: int) -> Here:
    """Processes of this machine: one that dies takes nobody with it, and none outlives the coordinator."""
    context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")

    def make() -> tuple[Executor, Callable[[], None]]:
        theirs, ours = context.Pipe(duplex=False)
        return ProcessPoolExecutor(count, context, live_with, (theirs,)), ours.close

    return Here(count, make)


@dataclass(slots=True)
class Cluster:
    """A Dask cluster: the scheduler's address, reached over TLS with a certificate that both sides know."""

    client: Any
    _executor: Executor | None = None

    @property
    def count(self) -> int:
        """How many threads the cluster works with now; at least one, also while workers are still coming."""
        return max(1, sum(int(one) for one in self.client.nthreads().values()))

    def executor(self) -> Executor:
        """The cluster as an executor; what a lost worker had in hand, the scheduler gives to another."""
        if self._executor is None:
            self._executor = self.client.get_executor(pure=False)
        return self._executor

    def renew(self) -> None:
        """The scheduler has already replaced what was lost."""

    def close(self) -> None:
        """Leaves the cluster as it is, for others."""
        self.client.close()

    def fell(self, error: BaseException) -> bool:
        """Whether the scheduler gave a batch up because workers died of it."""
        return type(error).__name__ == "KilledWorker"


def cluster(address: str, *, ca: Path, certificate: Path, key: Path) -> Cluster:
    """The cluster at `tls://host:port`, with at least one worker there.

    Refuses (`BadRequest`) an address without TLS, files that are not there, and a cluster that does not answer, does
    not take this certificate or gets no worker within the time.
    """
    if not address.startswith(TLS):
        raise BadRequest(f"{address} is not reached over TLS; records are not sent in the clear: give {TLS}host:port")
    for file in (ca, certificate, key):
        if not file.is_file():
            raise BadRequest(f"there is no certificate at {file}; docs/howto/cluster.md says how one is made")
    try:
        from distributed import Client
        from distributed.security import Security
    except ImportError as missing:
        raise BadRequest("a cluster needs Dask: pip install 'mainstay[cohort]'") from missing
    security = Security(
        tls_ca_file=str(ca), tls_client_cert=str(certificate), tls_client_key=str(key), require_encryption=True
    )
    try:
        client = Client(address, security=security, set_as_default=False, timeout=ANSWER_S)
    except OSError as error:
        raise BadRequest(
            f"the cluster at {address} does not answer, or takes other certificates than {certificate}: {error}"
        ) from error
    try:
        client.wait_for_workers(1, timeout=WORKER_S)
    except TimeoutError as error:
        client.close()
        raise BadRequest(f"the cluster at {address} has no worker after {WORKER_S:.0f} seconds") from error
    return Cluster(client)
