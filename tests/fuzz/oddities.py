"""Values that somebody's file may hold where another was meant."""

import math

TEXTS = (
    "", " ", ".", "..", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "~", "~nobody-here/x",
    "x" * 179, "x" * 300, "x" * 5000, "\0", "a\0b", "\ud800", "\udcff", "é" * 100, "🦉", "\u202e",
    "\ufeff", "\x1b[2J", "\x85", "\n", "\r", "a\nb", "a\r\nb", "\t", "'", '"', "'\"`", "$(touch x)",
    "`touch x`", "; touch x", "| touch x", "&& touch x", "-x", "--output=x", "{x}", "{}", "%s",
    "<script>alert(1)</script>", "'; DROP TABLE detections;--", "](javascript:alert(1))", "|a|b|",
    "[red]x[/red]", "=cmd|' /C calc'!A0", "*", "?[x]", "NaN", "inf", "-inf", "Infinity", "1e999",
    "1e-999", "0x10", "1_000", "\uff11\uff12", "-0", "1" * 20, "9" * 5000, "true", "None", "null",
    "1.0", "60000.0", "2024-13-45T99:99:99", "9999-12-31T23:59:59", "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "20240230_000000", "00010101_000000",
    "99991231T235959-2359_REC", "ffffffff", "gpu-٣", "gpu-999999999", "tcp://127.0.0.1:1", ",", ";",
    "America/Yellowknife", "../../etc/passwd\0", "+99:99", "-24:00", "[" * 2000, '{"a":' * 2000,
)  # fmt: skip
NUMBERS = (
    0, -0.0, 1, -1, 2, 0.1, 0.5, 1.5, -1.5, 1000, 59999.5, 2**31, 2**53, 2**53 + 1, 2**63, -(2**63),
    2**64, 10**400, -(10**400), 1e-320, 1e15, 1e16, 1e308, -1e308, math.nan, math.inf, -math.inf,
)  # fmt: skip
VALUES = (*TEXTS, *NUMBERS, None, True, False, [], {}, [[]], {"": {}}, [None], [{}], ["x", 1], [0])

TOML_VALUES = (
    '""', '" "', '"x"', '"../x"', '"/etc/passwd"', '"~nobody-here/x"', '"~"', '"a\\u0000b"',
    '"\\u001b[2J"', '"$(touch x)"', "'a\"b'", '"""\na\nb"""', "0", "1", "-1", "9" * 5000, "1e999",
    "0.5", "nan", "inf", "-inf", "0x7fffffffffffffffffff", "0x" + "f" * 5000,
    "[0b" + "1" * 20_000 + "]", "true", "false", "[]", '["x"]', "[1]",
    '["a\\u0000"]', "[[]]", "{}", "{ x = 1 }", '{ path = "x" }', "2024-01-01T00:00:00Z",
    "2024-01-01", "07:32:00", "9999-12-31T23:59:59-14:00", '"UTC"', '"-07:00"', '"+99:99"',
    '"America/Yellowknife"', '"../../etc/passwd"', '"{study_area}/{location}"', '"slurm"', '"dask"',
    '["{location}"]', '["{a"]', '["{location:(|[}"]', '["{_}"]', '"hawkears"', '"command"', "#",
    "[" * 2000, "x", "",
)  # fmt: skip
"""What may stand to the right of an equals sign."""

BYTES = (
    b"\0", b"\xef\xbb\xbf", b"\xff", b"\xfe\xff", b"\xc3", b"\xed\xa0\x80", b"\r", b"\n", b"\r\n",
    b'"', b"'", b"''", b",", b":", b"{", b"}", b"[", b"]", b"\\", b"\\u0000", b"\\ud800", b"../",
    b"/", b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"=", b"#",
    b"\t", b" " * 50, b"\x1b[2J", b"null", b"true", b"-", b".", b"e", b"\xe2\x80\xae", b"[[",
)  # fmt: skip
"""What may slip into a file anywhere."""
