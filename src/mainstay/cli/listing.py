"""What `mainstay add` can read by itself: `--list`."""

from __future__ import annotations


def exports() -> None:
    """Print which exports are known, where a person finds each, and what each was tried on."""
    from mainstay.doors.bringing_in import exports as known

    every = known()
    print("Exports that are known by what they hold. Give the file, folder or zip as you got it:\n")
    for one in every:
        if one.tried_on is not None:
            asks = "; asks for --zone" if one.asks_zone else ""
            _print(one.name, one.title, one.found_at, f"{one.tried_on}{asks}")
    print("Read by a mapping that comes along; check a few records against the app:\n")
    for one in every:
        if one.tried_on is None:
            _print(one.name, one.title, one.found_at, "no export: read by its description")
    print("Anything else: a CSV or Parquet file with a mapping (--map); docs/howto/map-your-records.md tells how.")


def _print(name: str, title: str, found_at: str, tried_on: str) -> None:
    print(f"{title} (--as {name})")
    print(f"  found at: {found_at}")
    print(f"  tried on: {tried_on}\n")
