"""Dense signals: by the month, each month a Parquet file sealed under the key of its stream.

A month is kept as (samples, ciphertext), so reading a year opens twelve of them. Times are kept as differences from the
one before, which packs far better. The order of the samples is kept, whatever it was.
"""

from __future__ import annotations

import hashlib
import io
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.casebook.codec import columns
from mainstay.casebook.safe import decrypt, encrypt
from mainstay.errors import BadRecord
from mainstay.records.kinds import Signal

DIGEST_BYTES = 16
_INSERT = "INSERT INTO block (record, part, month, samples, sealed) VALUES (?, ?, ?, ?, ?)"
_SELECT = "SELECT part, month, samples, sealed FROM block WHERE record = ? ORDER BY part"


def put(connection: Any, record: int, record_id: str, signal: Signal, key: bytes) -> None:
    """Seals the samples of the record with this number, month by month."""
    times, values = columns(signal)
    months = times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    ends = [*(int(at) + 1 for at in np.flatnonzero(np.diff(months))), *([len(times)] if len(times) else [])]
    for part, (start, end) in enumerate(itertools.pairwise([0, *ends])):
        month = int(months[start])
        sealed = encrypt(key, pack(times[start:end], values[start:end]), _bound_to(record_id, part, month))
        connection.execute(_INSERT, (record, part, month, end - start, sealed))


def get(connection: Any, record: int, record_id: str, key: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Times (n,) int64 UTC microseconds and values (n,) float64, bit for bit as `put` got them."""
    times, values = [np.zeros(0, np.int64)], [np.zeros(0)]
    for place, (part, month, samples, sealed) in enumerate(connection.execute(_SELECT, (record,))):
        packed = decrypt(key, sealed, _bound_to(record_id, part, month))
        if packed is None or part != place:
            raise BadRecord("a stored signal can't be read")
        some_times, some_values = unpack(packed)
        if len(some_times) != samples:
            raise BadRecord("a stored signal has another number of samples than it should")
        times.append(some_times)
        values.append(some_values)
    return np.concatenate(times), np.concatenate(values)


def digest(signal: Signal, key: bytes) -> bytes:
    """What tells two signals of one stream apart without reading them: a keyed hash (BLAKE2b) of their samples."""
    times, values = columns(signal)
    known = hashlib.blake2b(np.ascontiguousarray(times).data, digest_size=DIGEST_BYTES, key=key)
    known.update(np.ascontiguousarray(values).data)
    return known.digest()


def pack(times: NDArray[np.int64], values: NDArray[np.float64]) -> bytes:
    """The samples as Parquet with zstd."""
    import polars as pl

    steps = np.diff(times, prepend=np.int64(0))
    packed = io.BytesIO()
    pl.DataFrame({"step_us": steps, "value": values}).write_parquet(packed, compression="zstd", statistics=False)
    return packed.getvalue()


def unpack(packed: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """What `pack` was given; refuses anything else."""
    import polars as pl

    try:
        frame = pl.read_parquet(io.BytesIO(packed))
        steps, values = frame["step_us"].to_numpy(), frame["value"].to_numpy()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadRecord("a stored signal can't be read") from error
    if steps.dtype != np.int64 or values.dtype != np.float64:
        raise BadRecord("a stored signal holds other columns than it should")
    return np.cumsum(steps, dtype=np.int64), values


def _bound_to(record_id: str, part: int, month: int) -> bytes:
    return f"block {record_id} {part} {month}".encode()
