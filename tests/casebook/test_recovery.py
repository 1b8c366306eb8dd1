"""The recovery code: what is typed from paper is taken, what is mistyped is named before any key is tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.casebook import recovery
from mainstay.errors import BadRequest

# BIP39's own test vectors (trezor/python-mnemonic, vectors.json): 128 bits of 0x00, 0x7f, 0x80.
PUBLISHED = (
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
)


@pytest.mark.parametrize("code", PUBLISHED)
def test_the_published_codes_are_codes(code):
    assert recovery.code(code) == code


def test_a_new_code_is_twelve_words_of_which_no_two_codes_are_alike():
    codes = {recovery.new_code() for _ in range(50)}
    assert len(codes) == 50
    assert all(recovery.code(code) == code and len(code.split()) == 12 for code in codes)


def test_case_spaces_commas_and_the_numbers_of_the_lines_do_not_matter():
    words = PUBLISHED[1].split()
    assert recovery.code("\n".join(f"{place}. {word.upper()}," for place, word in enumerate(words, 1))) == PUBLISHED[1]
    assert recovery.code(f"  {'   '.join(words)} ") == PUBLISHED[1]


def test_a_word_that_is_none_of_the_list_is_named_by_its_place_and_not_repeated():
    words = PUBLISHED[1].split()
    words[6] = "wurth"
    with pytest.raises(BadRequest, match="word 7 ") as refused:
        recovery.code(" ".join(words))
    assert "wurth" not in str(refused.value)


@pytest.mark.parametrize("count", [0, 1, 11, 13, 24])
def test_another_number_of_words_is_refused(count):
    with pytest.raises(BadRequest, match=f"12 words, and these are {count}"):
        recovery.code(" ".join(["about"] * count))


def test_most_exchanged_words_are_noticed_by_the_checksum():
    words, noticed = PUBLISHED[1].split(), 0
    for place in range(11):
        other = words.copy()
        other[place] = "zoo"
        noticed += recovery.as_code(" ".join(other)) is None
    assert noticed >= 8  # four bits of checksum: fifteen of sixteen on average
    words[0], words[1] = words[1], words[0]
    with pytest.raises(BadRequest, match="don't belong together"):
        recovery.code(" ".join(words))


@given(st.text(max_size=80))
def test_what_is_no_code_is_none(typed):
    assert recovery.as_code(typed) is None


def test_nothing_is_imported_before_a_code_is_needed():
    import subprocess
    import sys

    said = "import sys, mainstay.casebook; print('mnemonic' in sys.modules, 'keyring' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout == (
        "False False\n"
    )
