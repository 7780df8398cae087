"""Expressions that mean harm, and limits they have to keep."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_SECONDS = 2.0  # of the processor; below one where it is not shared
MOST_BYTES = 100_000_000
_LONG = "a" * 5_000

CODE = {
    "import": "__import__('os').system('touch {file}')",
    "import, quoted": '__import__("os").system("touch {file}")',
    "open": 'open("{file}", "w")',
    "subclasses": "().__class__.__base__.__subclasses__()",
    "eval": 'eval("__import__(\\"os\\").system(\\"touch {file}\\")")',
    "globals of a method": "variables.__class__.__init__.__globals__",
    "globals of a function": "{{f: function(x) x}}.f.__globals__",
    "globals of a builtin": "count.__globals__",
    "class of a text": '"".__class__.__mro__',
    "format string": '"{{0.__class__.__init__.__globals__}}".format(now())',
    "percent format": '"%(__class__)s" % {{a: 1}}',
    "getattr": 'getattr(now(), "__class__")',
    "get value": 'get value(now(), "__class__")',
    "get value of a function": 'get value(count, "__globals__")',
    "lambda": "(lambda: open('{file}', 'w'))()",
    "f-string": "f\"{{open('{file}', 'w')}}\"",
    "walrus": "(x := open('{file}', 'w'))",
    "comprehension": "[c for c in ().__class__.__base__.__subclasses__()]",
    "exec": "exec(\"open('{file}', 'w')\")",
}

WORK = {
    "endless for": "for i in 1..10**12 return i",
    "nested for": "for a in 1..99999 return for b in 1..99999 return 1",
    "cartesian for": "for a in 1..3000, b in 1..3000, c in 1..3000 return 1",
    "list of long texts": f'for text in ["{_LONG * 3}"], i in 1..90000 return upper case(text)',
    "endless every": "every x in 1..10**12 satisfies x > 0",
    "endless dates": 'for d in date("0001-01-01")..date("9999-12-31") return d',
    "recursion": "{{f: function(g, n) g(g, n + 1), r: f(f, 1)}}.r",
    "doubling lists": "for i in 0..60 return if i = 0 then [1, 1] else concatenate(partial[-1], partial[-1])",
    "doubling texts": 'for i in 0..60 return if i = 0 then "ab" else partial[-1] + partial[-1]',
    "summed texts": 'sum(for i in 1..90000 return "0123456789")',
    "doubling joins": 'for i in 0..60 return if i = 0 then "ab" else string join([partial[-1], partial[-1]], "")',
    "doubling nests": "string(for i in 0..60 return if i = 0 then {{a: 1}} else {{a: partial[-1], b: partial[-1]}})",
    "backtracking pattern": f'matches("{_LONG}!", "^(a+)+$")',
    "repeated pattern": f'matches("{_LONG}", "(((a{{{{0,1000}}}}){{{{0,1000}}}}){{{{0,1000}}}})")',
    "swelling replacement": f'replace("{_LONG}", "", "{_LONG}")',
    "power of powers": "9**9**9",
    "power": "10**1000000",
    "factor": "(10**6000) * (10**6000)",
    "digits": "decimal(1/3, 10**9)",
    "range": "count([1..10**12])",
    "duration": 'duration("P999999999999999999Y")',
    "long duration": 'duration("P1D") * 10**30',
    "date": 'date(10**9, 1, 1) = date("999999999-01-01")',
    "after the last day": 'date("9999-12-31") + duration("P1Y")',
    "deep": "(" * 9_000 + "1" + ")" * 9_000,
    "wide": "+".join(["1"] * 9_000),
    "10 MB": "1+" * 5_000_000 + "1",
}

SWELLING = {  # gigabytes, though no single text or list is too long
    "added texts": f'for i in 1..90000 return "{_LONG * 3}" + "b"',
    "fields of long lists": "{list: for i in 1..90000 return {a: i}, r: for i in 1..90000 return list.a}.r",
}


@contextmanager
def frugal() -> Iterator[None]:
    """What happens inside has to do with little time and memory; MemoryError stops what wants more."""
    most, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MOST_BYTES, hard))
    began = time.process_time()
    try:
        yield
    finally:
        took = time.process_time() - began
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    assert took < MOST_SECONDS
