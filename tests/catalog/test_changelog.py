"""A version is called as the changelog says, and never like another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.catalog import changelog
from oaktree_cfn.catalog.changelog import LONGEST, Section, description, name, newest

TEXT = "# Changelog\n\nIntro.\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-01\n\n### Added\n\n- One.\n\n## [1.1.0]\n\n- Old.\n"


def test_the_newest_section_that_says_anything_counts() -> None:
    assert newest(TEXT) == Section("1.2.0", "### Added\n\n- One.")
    assert newest(TEXT.replace("[Unreleased]\n", "[Unreleased]\n\n- Soon.\n")) == Section("unreleased", "- Soon.")


def test_without_a_changelog_a_version_is_called_by_its_content() -> None:
    assert name(newest(""), "0a1b2c3d4e5f", ()) == "unreleased-0a1b2c3d"
    assert description(newest("")) == "No changelog"


@given(st.text(), st.sets(st.sampled_from(["1.2.0", "1.1.0", "unreleased"])))
def test_a_name_has_no_space_and_is_free(text: str, taken: set[str]) -> None:
    found = name(newest(text + "\n" + TEXT), "0a1b2c3d4e5f", taken)
    assert found not in taken
    assert " " not in found


@given(st.text(min_size=LONGEST, max_size=3 * LONGEST))
def test_a_long_description_is_cut(text: str) -> None:
    assert len(changelog.description(Section("1", text))) <= LONGEST + 2
