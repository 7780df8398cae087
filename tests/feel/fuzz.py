"""FEEL against random bytes and grammar-made input: values or FEEL errors, quickly, in little memory."""

import resource
import signal
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from random import Random, SystemRandom

from tests.feel import grammar
from tongxin import feel

SECONDS = 10  # the longest one input may take; the step budget stops an expression in about one
GROWTH = 100_000  # kB of memory beyond what the process had at the start
SCOPE = {
    "a": 1,
    "费用": -2,
    "联系 电话": "138",
    "list": [1, None, "x", {"年 龄": 3}],
    "pre-check": {"k": [1]},
    "date": datetime(2026, 3, 5, tzinfo=UTC).date(),
}
PIECES = [
    *"+-*/=<>()[]{},.:@?!\"'\\ \n",
    "..",
    "**",
    "not(",
    "in ",
    "if ",
    "for ",
    "e999999",
    '@"P',
    "9" * 40,
    "\ud800",
    "中",
]


def source(chance: Random) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return chance.randbytes(chance.randint(0, 200)).decode("utf-8", "replace")
    if kind == 1:
        return "".join(chance.choices([*PIECES, *grammar.NAMES, "1", "true"], k=chance.randint(1, 60)))
    made = (grammar.expression if kind == 2 else grammar.cell)(chance, chance.randint(1, 7))
    for _ in range(chance.choice((0, 0, 1, 3))):  # a little damage
        at = chance.randrange(len(made) + 1)
        made = made[:at] + chance.choice([*PIECES, ""]) + made[at + chance.randrange(3) :]
    return made


def attempt(text: str) -> None:
    now = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
    try:
        feel.compile(text, names=grammar.KNOWN).evaluate(SCOPE, now)
    except feel.FeelError as error:
        assert str(error) and error.in_english
    with suppress(feel.FeelError):
        feel.compile_tests(text, names=grammar.KNOWN)(5, SCOPE, now)


def _hang(signum: int, frame: object) -> None:
    raise TimeoutError(f"took more than {SECONDS} s")


def main(minutes: float, seed: int) -> int:
    chance = Random(seed)
    signal.signal(signal.SIGALRM, _hang)
    for _ in range(20_000):  # the caches of compiled expressions fill before memory is measured
        attempt(source(chance))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest, count, end = 0.0, 0, time.monotonic() + minutes * 60
    while time.monotonic() < end:
        text = source(chance)
        started = time.perf_counter()
        signal.alarm(SECONDS)
        try:
            attempt(text)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            if grown > GROWTH:
                raise MemoryError(f"grew by {grown} kB")
        except BaseException:
            print(f"seed {seed}, input {count}: {text!r}")
            raise
        signal.alarm(0)
        count += 1
        slowest = max(slowest, time.perf_counter() - started)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"seed {seed}: {count} inputs, slowest {slowest:.2f} s, memory grown by {grown // 1000} MB, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else SystemRandom().randrange(10**6)))
