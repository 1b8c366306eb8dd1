"""Where an export lies: folders and zips read as streams, hostile ones refused, nothing unpacked."""

import zipfile

import pytest

from mainstay.errors import UnreadableSource
from mainstay.records import place as places
from mainstay.records.place import Place


@pytest.fixture
def zipped(tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("Takeout/Fit/Daily/a.csv", "x,y\n1,2\n")
        made.writestr("__MACOSX/Takeout/Fit/Daily/._a.csv", "junk")
        made.writestr("../../evil.csv", "x\n1\n")
    return path


def test_a_zip_and_a_folder_show_the_same_files(zipped, tmp_path):
    place = Place(zipped)
    assert place.matching("*.csv") == ("Takeout/Fit/Daily/a.csv", "../../evil.csv")
    assert place.matching("fit/daily/*.csv") == ("Takeout/Fit/Daily/a.csv",)
    assert place.whole("Takeout/Fit/Daily/a.csv") == b"x,y\n1,2\n"
    assert place.whole("../../evil.csv") == b"x\n1\n"  # read as a stream: its name points nowhere
    place.close()
    folder = tmp_path / "export"
    (folder / "Fit" / "Daily").mkdir(parents=True)
    (folder / "Fit" / "Daily" / "a.csv").write_bytes(b"x,y\n1,2\n")
    (folder / "link.csv").symlink_to("/etc/passwd")
    assert Place(folder).files == ("Fit/Daily/a.csv",)
    assert Place(folder).head("Fit/Daily/a.csv", 3) == b"x,y"


def test_a_folder_with_what_can_not_be_opened_is_refused_in_words(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(b"x\n1\n")

    def closed(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.is_file", closed)
    with pytest.raises(UnreadableSource, match="Permission denied"):
        Place(tmp_path)


def test_a_member_that_swells_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "LARGEST_READ_WHOLE", 1_000_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.json", b"0" * 5_000_000)
    with pytest.raises(UnreadableSource, match="larger than"):
        Place(path).whole("a.json")


def test_damaged_and_missing_places_are_told(zipped, tmp_path):
    with pytest.raises(UnreadableSource, match="no file"):
        Place(tmp_path / "nothing")
    content = bytearray(zipped.read_bytes())
    content[45:60] = bytes(15)
    zipped.write_bytes(content)
    place = Place(zipped)
    with pytest.raises(UnreadableSource, match="damaged"):
        place.whole("Takeout/Fit/Daily/a.csv")
    assert place.head("Takeout/Fit/Daily/a.csv") == b""
