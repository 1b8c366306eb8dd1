"""Dense signals: by the month, each month a Parquet file sealed under the key of its stream.

A month is kept as (samples, ciphertext), so reading a year opens twelve of them. Times are kept as differences from the
one before, and so are values where that is exact: it packs far better. The samples keep their order, whatever it was.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mainstay.casebook.codec import Samples, columns
from mainstay.casebook.safe import decrypt, encrypt
from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import Signal

if TYPE_CHECKING:
    import polars as pl

DIGEST_BYTES = 16
_INSERT = "INSERT INTO block (record, part, month, samples, sealed) VALUES (?, ?, ?, ?, ?)"
_SELECT = "SELECT part, month, samples, sealed FROM block WHERE record = ? ORDER BY part"
_BETWEEN = "SELECT part, month, samples, sealed FROM block WHERE record = ? AND month BETWEEN ? AND ? ORDER BY part"
_OF_CHANNEL = """
SELECT number, id, body ->> 'samples' FROM record
WHERE stream = ? AND kind = 'signal' AND body ->> 'channel' = ?
    AND id NOT IN (SELECT supersedes FROM record WHERE supersedes IS NOT NULL)
ORDER BY happened_us, number
"""
_PACKED, _MOST_BYTES, _LARGEST_WHOLE = "mainstay", 3, 2.0**40
_FIRST_MONTH, _LAST_MONTH = -(2**62), 2**62


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
    for place, block in enumerate(connection.execute(_SELECT, (record,))):
        if block[0] != place:
            raise BadRecord("a stored signal can't be read")
        some_times, some_values = _opened(key, record_id, block)
        times.append(some_times)
        values.append(some_values)
    return np.concatenate(times), np.concatenate(values)


def frame(
    connection: Any, stream: int, key: bytes, channel: str, *, start: Instant | None, end: Instant | None
) -> tuple[pl.DataFrame, int]:
    """The samples of a channel from `start` to before `end`, in order of time (`at`, `value`), and of how many records.

    Opens the months asked for and no other. Records that another one has corrected are left out.
    """
    import polars as pl

    first, last = (None if one is None else one.utc_us for one in (start, end))
    times, values = [np.zeros(0, np.int64)], [np.zeros(0)]
    records = connection.execute(_OF_CHANNEL, (stream, channel)).fetchall()
    for number, record_id, stated in records:
        if connection.execute("SELECT coalesce(sum(samples), 0) FROM block WHERE record = ?", (number,)).get != stated:
            raise BadRecord("a stored signal has another number of samples than it should")
        months = (_FIRST_MONTH if first is None else _month(first), _LAST_MONTH if last is None else _month(last))
        for block in connection.execute(_BETWEEN, (number, *months)):
            some_times, some_values = _opened(key, record_id, block)
            times.append(some_times)
            values.append(some_values)
    at, value = np.concatenate(times), np.concatenate(values)
    if np.any(np.diff(at) < 0):
        order = np.argsort(at, kind="stable")
        at, value = at[order], value[order]
    ends = (0 if first is None else np.searchsorted(at, first), len(at) if last is None else np.searchsorted(at, last))
    within = slice(*(int(one) for one in ends))
    instants = pl.Series("at", at[within]).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame({"at": instants, "value": value[within]}), len(records)


def digest(signal: Signal, key: bytes) -> bytes:
    """What tells two signals of one stream apart without reading them: a keyed hash (BLAKE2b) of their samples."""
    times, values = columns(signal)
    known = hashlib.blake2b(np.ascontiguousarray(times).data, digest_size=DIGEST_BYTES, key=key)
    known.update(np.ascontiguousarray(values).data)
    return known.digest()


def pack(times: NDArray[np.int64], values: NDArray[np.float64]) -> bytes:
    """The samples as Parquet with zstd.

    Steps in time, and values that are decimals of up to three places, are kept as differences in whole units, one
    column a byte: a quarter to a half smaller than as they are, and faster. Everything else is kept as it is.
    """
    import polars as pl

    steps, plain = np.diff(times), {"step_us": np.diff(times, prepend=np.int64(0)), "value": values}
    unit = max(1, int(np.gcd.reduce(steps))) if len(steps) else 1
    step_bytes, decimals = _bytes("step", steps // unit), _decimals(values)
    value_bytes = None if decimals is None else _bytes("value", np.diff(decimals[0]))
    packed = io.BytesIO()
    if not len(steps) or step_bytes is None:
        pl.DataFrame(plain).write_parquet(packed, compression="zstd", statistics=False)
        return packed.getvalue()
    said: dict[str, float] = {"first": int(times[0]), "unit": unit}
    kept: dict[str, NDArray[Any]] = {**step_bytes, "value": values[1:]}
    if decimals is not None and value_bytes is not None:
        kept = {**step_bytes, **value_bytes}
        said |= {"value": int(decimals[0][0]), "scale": decimals[1]}
    else:
        said |= {"value": int(values[:1].view(np.int64)[0])}
    pl.DataFrame(kept).write_parquet(packed, compression="zstd", statistics=False, metadata={_PACKED: json.dumps(said)})
    return packed.getvalue()


def unpack(packed: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """What `pack` was given; refuses anything else."""
    import polars as pl

    try:
        said = json.loads(pl.read_parquet_metadata(io.BytesIO(packed)).get(_PACKED, "{}"))
        frame = pl.read_parquet(io.BytesIO(packed))
        if not said:
            return _as_kept(frame["step_us"].to_numpy(), frame["value"].to_numpy())
        times = np.cumsum(_whole(frame, "step") * said["unit"], dtype=np.int64)
        times = np.concatenate([[said["first"]], said["first"] + times]).astype(np.int64)
        if "scale" in said:
            wholes = np.concatenate([[0], np.cumsum(_whole(frame, "value"), dtype=np.int64)]) + said["value"]
            return times, wholes / said["scale"]
        first = np.array([said["value"]], np.int64).view(np.float64)
        return _as_kept(times, np.concatenate([first, frame["value"].to_numpy()]), steps=False)
    except (pl.exceptions.PolarsError, OSError, KeyError, TypeError, ValueError) as error:
        raise BadRecord("a stored signal can't be read") from error


def _as_kept(times: Any, values: Any, *, steps: bool = True) -> Samples:
    if times.dtype != np.int64 or values.dtype != np.float64:
        raise BadRecord("a stored signal holds other columns than it should")
    return np.cumsum(times, dtype=np.int64) if steps else times, values


def _bytes(name: str, wholes: NDArray[np.int64]) -> dict[str, NDArray[np.uint8]] | None:
    """Whole numbers as columns of a byte each, lowest first (sign in the lowest bit); None where three are too few."""
    unsigned = ((wholes << 1) ^ (wholes >> 63)).view(np.uint64)
    count = (int(unsigned.max(initial=0)).bit_length() + 7) // 8
    if count > _MOST_BYTES:
        return None
    return {f"{name}_{k}": (unsigned >> np.uint64(8 * k)).astype(np.uint8) for k in range(max(1, count))}


def _whole(frame: pl.DataFrame, name: str) -> NDArray[np.int64]:
    """What `_bytes` was given."""
    unsigned = np.zeros(frame.height, np.int64)
    for k in range(_MOST_BYTES):
        if f"{name}_{k}" in frame.columns:
            column = frame[f"{name}_{k}"].to_numpy()
            if column.dtype != np.uint8:
                raise BadRecord("a stored signal holds other columns than it should")
            unsigned |= column.astype(np.int64) << (8 * k)
    return (unsigned >> 1) ^ -(unsigned & 1)


def _decimals(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], float] | None:
    """Whole numbers and the scale they are divided by to give the values bit for bit; None where there are none."""
    for scale in (1.0, 10.0, 100.0, 1000.0):
        with np.errstate(invalid="ignore", over="ignore"):
            wholes = np.rint(values * scale)
        if not bool(np.all(np.abs(wholes) < _LARGEST_WHOLE)):
            return None
        exact = wholes.astype(np.int64)
        if np.array_equal((exact / scale).view(np.int64), values.view(np.int64)):
            return exact, scale
    return None


def _opened(key: bytes, record_id: str, block: tuple[int, int, int, bytes]) -> Samples:
    """The samples of a block as it stands in its row: part, month, number of samples, sealed."""
    part, month, samples, sealed = block
    packed = decrypt(key, sealed, _bound_to(record_id, part, month))
    if packed is None:
        raise BadRecord("a stored signal can't be read")
    times, values = unpack(packed)
    if len(times) != samples:
        raise BadRecord("a stored signal has another number of samples than it should")
    return times, values


def _month(moment_us: int) -> int:
    """The month of a moment, counted from January 1970."""
    return int(np.datetime64(moment_us, "us").astype("datetime64[M]").astype(np.int64))


def _bound_to(record_id: str, part: int, month: int) -> bytes:
    return f"block {record_id} {part} {month}".encode()
