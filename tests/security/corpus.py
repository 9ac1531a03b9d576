"""What people, programs and attackers put where something else was meant."""

from hypothesis import strategies as st

LONG = "9" * 100_000
TEXTS = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "x",
    "-1",
    "0",
    "1e309",
    "NaN",
    "٣",  # a digit that is not ASCII
    "²",
    str(2**31),
    str(2**63),
    "9" * 400,
    "-" + "9" * 30,
    "0.0000000000000000000000001",
    "1,234.56,7",
    "2026-W54",
    "2026-W00",
    "0000-W01",
    "9999-W52",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "31/12/99999",
    "2026-11-18T25:61",
    "🦊" * 50,
    "\u202eשלום\u202c",
    "é" * 300,
    "\r\nSet-Cookie: a=b",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "%00%ff%(x)s{0}",
    "'; DROP TABLE campaigns_lead; --",
    "1 OR 1=1",
    "=cmd|' /C calc'!A0",
    "../../../etc/passwd",
    "[1,2]",
    '{"a": 1}',
    "null",
    "\ufffd\ufeff",
    "-linear",
    "--sold",
    LONG,
]

_words = str.split

# By the kind of a field (forms.Field): what is wrong there, and nothing else than that field can take.
_NUMBERS = [
    *_words("x -1 -0.01 1e400 1e5 NaN Infinity -Infinity 0x10 ² ½ 1.2.3 1,234.56,7 1;2 --1 =1+1 ٣٫٥ 0.0000000001"),
    *("1 OR 1=1", "7 apples", "\x00", "7\x00", "1" + "0" * 30, "9" * 400, LONG),
]
_DAYS = [
    *_words("2026-02-30 2025-02-29 2026-13-01 2026-00-10 0001-01-01 9999-12-31 10000-01-01 0026-11-18 -2026-01-01"),
    *_words("31/12/2026 12-31-2026 20261118 2026-W47 ٢٠٢٦-١١-١٨ yesterday 1"),
    *("2026-11-18; DROP TABLE", "\x00", "2026-11-18\x00", LONG),
]
_MOMENTS = _words("2026-11-18T25:61 2026-03-29T02:30 2026-11-18T09:30:00+99:99 9999-12-31T23:59 0001-01-01T00:00")
_ADDRESSES = _words("x a@ @b.fr a@b a@b..fr <a@b.fr> javascript:a@b.fr")
WRONG = {
    "date": _DAYS,
    "datetime-local": [*_DAYS, *_MOMENTS],
    "week": [
        *_words("2026-W54 2026-W00 2025-W53 0000-W01 9999-W52 10000-W01 2199-W52 1999-W52 2026-W W47 2026-47-1"),
        *("2026-02-30", "-2026-W10", "٢٠٢٦-W٤٧", "next week", "\x00", "2026-W47\x00", LONG),
    ],
    "decimal": _NUMBERS,
    "number": _NUMBERS,
    "email": [
        *_ADDRESSES,
        *("a b@c.fr", "a@b.fr, c@d.fr", "a@b.fr\nBcc: d@e.fr", "a@b.fr\r\nSubject: hello", "a@b.fr\x00"),
        *("a" * 300 + "@b.fr", "a@" + "b" * 300 + ".fr", LONG),
    ],
    "text": ["\x00", "a\x00b", "é" * 5000, LONG],
    "search": ["\x00", LONG],
    "textarea": ["\x00", "a\x00b"],
    "url": ["x", "javascript:alert(1)", "http://", "\x00", LONG],
    "select": ["nonsense", "0", "-1", str(2**31), str(2**63), "1 OR 1=1", "\x00", "1.5", "[1]", LONG],
    "radio": ["nonsense", "0", "-1", str(2**63), "\x00", LONG],
}

# What looks strange and is a name nevertheless: it is kept as it was typed.
NAMES = [
    "Nguyễn Thị Minh Khai",
    "O’Brien & Sons <b>",
    "e\u0301cole",
    "\u202eשלום\u202c",
    "Zero\u200bwidth",
    "🦊👩‍👩‍👧",
    "=cmd|' /C calc'!A0",
    "%00%ff%(x)s{0}",
    "Robert'); DROP TABLE students;--",
    "{{ 7*7 }}{% now %}",
    "null",
    "../../etc/passwd",
]

# Names that some page or other reads from its address.
QUERY_NAMES = [
    "basis",
    "by",
    "campaign",
    "client",
    "document",
    "fewer",
    "figure",
    "first",
    "format",
    "from",
    "kind",
    "language",
    "last",
    "lead",
    "measure",
    "model",
    "next",
    "order",
    "own",
    "page",
    "person",
    "platform",
    "purpose",
    "q",
    "reason",
    "show",
    "sale",
    "sort",
    "status",
    "to",
    "week",
    "weeks",
    "what",
]

# Ways to write a charset, and what a body of that kind may then hold: each names a codec that Python has.
CHARSETS = [
    "utf-16",
    "utf-7",
    "unicode_escape",
    "raw_unicode_escape",
    "idna",
    "punycode",
    "undefined",
    "hex",
    "zlib",
    "x",
]

texts = st.one_of(st.sampled_from(TEXTS), st.text(max_size=60), st.integers().map(str), st.dates().map(str))
queries = st.dictionaries(st.sampled_from(QUERY_NAMES), st.lists(texts, min_size=1, max_size=3), max_size=8)
