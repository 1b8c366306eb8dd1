"""Claims about the paper that `tell --pdf` writes."""


def test_tell_writes_the_paper_for_its_owner_alone(case, folder, mainstay):
    mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml")
    said = mainstay("tell", case, "--pdf", folder / "anna.pdf")
    assert said.code == 0
    assert (folder / "anna.pdf").read_bytes().startswith(b"%PDF-")
    assert (folder / "anna.pdf").stat().st_mode & 0o077 == 0
    assert "not encrypted" in said.err


def test_for_a_clinician_only_what_was_allowed_for_it_is_read(case, folder, mainstay):
    mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml")
    refused = mainstay("tell", case, "--pdf", folder / "anna.pdf", "--for-clinician")
    assert refused.code == 2
    assert "clinician_report" in refused.err
    assert not (folder / "anna.pdf").exists()
    mainstay("consent", case, "give", "--purpose", "clinician_report")
    assert mainstay("tell", case, "--pdf", folder / "anna.pdf", "--for-clinician").code == 0
    assert (folder / "anna.pdf").is_file()
