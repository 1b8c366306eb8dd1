"""Words of the scan: attributes, clocks and numbers read from bytes, and names counted off as numbers."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np
from numba import njit

BAD_CLOCK = -(1 << 62)
NUMBER_SLOW = -3
_SLOTS, _MOST_NAMES, _ARENA, _LONGEST = 1 << 17, 60_000, 8 << 20, 4_096
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")


def plain(written: bytes) -> str:
    """Text as it was meant: the five entities of XML and characters by number; any other entity stays as written."""
    text = written.decode("utf-8", "replace")
    return _ENTITY.sub(lambda found: html.unescape(found.group()), text) if "&" in text else text


class Names:
    """Every different name of an export (types, units, sources, words), numbered from 0 as they come."""

    def __init__(self) -> None:
        self.table = (
            np.zeros(_MOST_NAMES, np.uint64),
            np.full(_SLOTS, -1, np.int32),
            np.zeros(_MOST_NAMES, np.int64),
            np.zeros(_MOST_NAMES, np.int32),
            np.zeros(_ARENA, np.uint8),
            np.zeros(2, np.int64),
        )
        self._read: list[str] = []

    def __getitem__(self, number: int) -> str:
        """The name with this number; "" for -1."""
        if number < 0:
            return ""
        _, _, places, lengths, arena, counts = self.table
        while len(self._read) < counts[0]:
            at, size = places[len(self._read)], lengths[len(self._read)]
            self._read.append(plain(arena[at : at + size].tobytes()))
        return self._read[number]


@njit(cache=True)
def is_blank(byte: int) -> bool:
    """Whether this is a blank of XML."""
    return byte == 32 or byte == 10 or byte == 9 or byte == 13


@njit(cache=True)
def begins(buffer: Any, at: int, stop: int, word: bytes) -> bool:
    """Whether a word stands here."""
    if stop - at < len(word):
        return False
    for i in range(len(word)):
        if buffer[at + i] != word[i]:
            return False
    return True


@njit(cache=True)
def attribute(buffer: Any, at: int, stop: int) -> tuple[int, int, int, int, int, int]:
    """The next attribute of a tag: status, place and length of its name and of its value, and where to go on.

    Status 0: an attribute; 1: the tag ends and goes on as an element; 4: it ends as an empty element; 2: what stands
    here is no attribute (go on at the next tag); 3: the buffer ends first.
    """
    while at < stop and is_blank(buffer[at]):
        at += 1
    if at >= stop:
        return 3, 0, 0, 0, 0, at
    if buffer[at] == 62:
        return 1, 0, 0, 0, 0, at + 1
    if buffer[at] == 47:
        if at + 1 >= stop:
            return 3, 0, 0, 0, 0, at
        return (4 if buffer[at + 1] == 62 else 2), 0, 0, 0, 0, at + 2
    name = at
    while at < stop and buffer[at] not in (61, 32, 10, 9, 13, 62, 47, 60, 34, 39):
        at += 1
    size = at - name
    while at < stop and is_blank(buffer[at]):
        at += 1
    if at >= stop:
        return 3, 0, 0, 0, 0, at
    if buffer[at] != 61 or size == 0:
        return 2, 0, 0, 0, 0, at
    at += 1
    while at < stop and is_blank(buffer[at]):
        at += 1
    if at >= stop:
        return 3, 0, 0, 0, 0, at
    quote = buffer[at]
    if quote != 34 and quote != 39:
        return 2, 0, 0, 0, 0, at
    at += 1
    value = at
    while at < stop and buffer[at] != quote and buffer[at] != 60:
        at += 1
    if at >= stop:
        return 3, 0, 0, 0, 0, at
    if buffer[at] == 60:
        return 2, 0, 0, 0, 0, at
    return 0, name, size, value, at - value, at + 1


@njit(cache=True)
def _digits(buffer: Any, at: int, many: int) -> int:
    number = 0
    for i in range(at, at + many):
        digit = buffer[i] - 48
        if digit < 0 or digit > 9:
            return -1
        number = number * 10 + digit
    return number


@njit(cache=True)
def clock_of(buffer: Any, at: int, size: int) -> tuple[int, int]:
    """Seconds since 1970 UTC and the offset in seconds of `2016-11-20 17:57:19 -0700`; `BAD_CLOCK`, 0 if it is none."""
    if size != 25 or buffer[at + 4] != 45 or buffer[at + 7] != 45 or buffer[at + 13] != 58 or buffer[at + 16] != 58:
        return BAD_CLOCK, 0
    if buffer[at + 10] != 32 or buffer[at + 19] != 32 or (buffer[at + 20] != 43 and buffer[at + 20] != 45):
        return BAD_CLOCK, 0
    year, month, day = _digits(buffer, at, 4), _digits(buffer, at + 5, 2), _digits(buffer, at + 8, 2)
    hour, minute, second = _digits(buffer, at + 11, 2), _digits(buffer, at + 14, 2), _digits(buffer, at + 17, 2)
    off_hours, off_minutes = _digits(buffer, at + 21, 2), _digits(buffer, at + 23, 2)
    if year < 1 or month < 1 or month > 12 or day < 1 or off_hours < 0 or off_hours > 18:
        return BAD_CLOCK, 0
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 59:
        return BAD_CLOCK, 0
    if off_minutes < 0 or off_minutes > 59:
        return BAD_CLOCK, 0
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    longest = 31 - (month == 4 or month == 6 or month == 9 or month == 11)
    if month == 2:
        longest = 28 + leap
    if day > longest:
        return BAD_CLOCK, 0
    # days since 1970-01-01 (Hinnant 2013, days from civil)
    y = year - (month <= 2)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    offset = (off_hours * 3600 + off_minutes * 60) * (-1 if buffer[at + 20] == 45 else 1)
    return days * 86400 + hour * 3600 + minute * 60 + second - offset, offset


_TENS = 10.0 ** np.arange(23)


@njit(cache=True)
def number_of(buffer: Any, at: int, size: int) -> tuple[float, int]:
    """A number and -1; NaN and -2 if it is none; NaN and `NUMBER_SLOW` where it takes more than a division to be exact.

    With digits below 2⁵³ and at most 22 places, one division of two exact numbers rounds once (Clinger 1990).
    """
    i, stop = at, at + size
    negative = False
    if i < stop and (buffer[i] == 45 or buffer[i] == 43):
        negative = buffer[i] == 45
        i += 1
    digits, places, seen, point, slow = 0, 0, 0, False, False
    while i < stop:
        byte = buffer[i]
        if byte == 46 and not point:
            point = True
        elif 48 <= byte <= 57:
            seen += 1
            places += point
            if digits < 900_719_925_474_099:
                digits = digits * 10 + (byte - 48)
            else:
                slow = True
        else:
            break
        i += 1
    if seen == 0:
        return np.nan, -2
    if i < stop:
        if buffer[i] not in (69, 101) or i + 1 >= stop:
            return np.nan, -2
        i += 1
        if buffer[i] == 45 or buffer[i] == 43:
            i += 1
        if i >= stop or stop - i > 4 or _digits(buffer, i, stop - i) < 0:
            return np.nan, -2
        slow = True
    if slow or places > 22:
        return np.nan, NUMBER_SLOW
    number = digits / _TENS[places]
    return (-number if negative else number), -1


@njit(cache=True)
def named_by(
    buffer: Any, at: int, size: int, hashes: Any, slots: Any, places: Any, lengths: Any, arena: Any, counts: Any
) -> int:
    """The number of a name; a new one gets the next. -1 where it is too long or there are too many."""
    if size > _LONGEST:
        return -1
    code = np.uint64(14695981039346656037)
    for i in range(at, at + size):
        code = (code ^ np.uint64(buffer[i])) * np.uint64(1099511628211)
    slot = np.int64(code & np.uint64(_SLOTS - 1))
    while slots[slot] >= 0:
        number = slots[slot]
        if hashes[number] == code and lengths[number] == size:
            same, place = True, places[number]
            for i in range(size):
                if arena[place + i] != buffer[at + i]:
                    same = False
                    break
            if same:
                return int(number)
        slot = (slot + 1) & (_SLOTS - 1)
    number, place = counts[0], counts[1]
    if number >= _MOST_NAMES or place + size > _ARENA:
        return -1
    slots[slot], hashes[number], places[number], lengths[number] = number, code, place, size
    for i in range(size):
        arena[place + i] = buffer[at + i]
    counts[0], counts[1] = number + 1, place + size
    return int(number)
