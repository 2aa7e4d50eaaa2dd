from badc.runs.markdown import command_block, plain, section, table


def test_a_cell_is_shown_as_it_is_and_stays_one_cell():
    made = table(("Chunk", "Count"), [("a|b\n*c* <b>_d_</b> `e`", 1234), ("x", 2)])
    assert made.splitlines()[:2] == ["| Chunk | Count |", "| --- | ---: |"]
    assert made.splitlines()[2] == r"| a\|b \*c\* \<b\>\_d\_\</b\> \`e\` | 1,234 |"


def test_nothing_makes_no_section():
    assert section("Failed", table(("a",), [])) == ""
    assert plain(" two\nlines ") == "two lines"


def test_links_and_elements_in_a_label_are_shown_and_not_made():
    label = "[x](javascript:alert(1)) <script>alert(1)</script> '; DROP TABLE detections;--"
    assert plain(label) == (
        r"\[x\](javascript:alert(1)) \<script\>alert(1)\</script\> '; DROP TABLE detections;--"
    )


def test_a_line_to_copy_cannot_end_its_own_block():
    assert command_block("cd /x") == "```sh\ncd /x\n```\n"
    line = "cd '/a\n````\n# heading'"
    assert command_block(line) == f"`````sh\n{line}\n`````\n"
