from benchmarks._rows import Row, of_benchmark, read_rows, table, write_rows

ROWS = [
    *of_benchmark([Row("1,000 chunks", 12.345, "ms a chunk", "0.1 of stock")], "orchestration"),
    *of_benchmark(
        [
            Row.at_most("badc --help", 0.25, "s", 0.3),
            Row.at_most("1 chunk", 5.5, "s", 5, "running server"),
            Row.absent("left out", "no environment"),
        ],
        "start_up",
    ),
]


def test_all_rows_stand_in_one_table_below_their_benchmarks_names():
    assert table(ROWS).splitlines() == [
        "case                     figure  met  beside",
        "orchestration",
        "  1,000 chunks  12.3 ms a chunk       0.1 of stock",
        "start_up",
        "  badc --help           0.250 s  yes  at most 0.300",
        "  1 chunk                5.50 s  NO   at most 5, running server",
        "  left out                    -       no environment",
    ]


def test_a_limit_is_kept_by_the_limit_itself_and_missed_beyond():
    kept = [Row.at_most("a", 5, "s", 5), Row.at_least("b", 90, "%", 90), Row("c", 1)]
    missed = [Row.at_most("a", 5.01, "s", 5), Row.at_least("b", 89.9, "%", 90)]
    assert [row.met for row in kept] == [True, True, None]
    assert [row.met for row in missed] == [False, False]


def test_figures_have_three_digits_and_no_exponent():
    figures = [0, 0.0123, 1.5, 9.999, 12.34, 123.4, 1_234_567.8, -0.5]
    assert [Row("x", figure).cells[1] for figure in figures] == [
        "0",
        "0.012",
        "1.50",
        "10.00",
        "12.3",
        "123",
        "1,234,568",
        "-0.500",
    ]


def test_rows_survive_being_written(tmp_path):
    write_rows(tmp_path / "rows.json", ["2 cores"], ROWS)
    assert read_rows(tmp_path / "rows.json") == ROWS
