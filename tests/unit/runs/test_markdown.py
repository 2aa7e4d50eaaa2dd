from badc.runs.markdown import plain, section, table


def test_a_cell_is_shown_as_it_is_and_stays_one_cell():
    made = table(("Chunk", "Count"), [("a|b\n*c* <b>_d_</b> `e`", 1234), ("x", 2)])
    assert made.splitlines()[:2] == ["| Chunk | Count |", "| --- | ---: |"]
    assert made.splitlines()[2] == r"| a\|b \*c\* \<b\>\_d\_\</b\> \`e\` | 1,234 |"


def test_nothing_makes_no_section():
    assert section("Failed", table(("a",), [])) == ""
    assert plain(" two\nlines ") == "two lines"
