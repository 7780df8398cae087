"""Residents: report from a plate, sometimes with a photo; follow; rate, withdraw, or forget about it."""

import random
import re
from collections.abc import Callable

from tests.bench.town.browser import Browser, Over
from tests.bench.town.memory import Memory, Reported, Submitted, a_photo

PLATES = [
    f"{grid}{number:02}" for grid, count in (("YY1", 6), ("YY2", 4), ("NY1", 5)) for number in range(1, count + 1)
]
TROUBLES = (
    "下水道堵了，污水往外冒",
    "楼道灯不亮",
    "自来水发黄",
    "电梯有异响",
    "井盖松动",
    "垃圾桶满了两天",
    "墙皮往下掉",
)
KINDS = ("下水", "供水", "供电", "楼道", "电梯", "")
MOST_AT_ONCE = 4


class Resident:
    """One resident, with the personal links of what is not finished yet."""

    def __init__(self, make_browser: Callable[[], Browser], memory: Memory, pace: float) -> None:
        self.browser, self.memory, self.pace = make_browser(), memory, pace
        self.open: dict[str, str] = {}  # personal link's path -> mood: what will be done in the end

    def live(self) -> None:
        """Until the time is up."""
        try:
            self._wait(0, 40)  # they do not all come at once
            while True:
                if len(self.open) < MOST_AT_ONCE and (not self.open or random.random() < 0.4):
                    self._report()
                else:
                    self._follow(random.choice(list(self.open)))
                self._wait(10, 30)
        except Over:
            return

    def _report(self) -> None:
        browser, memory = self.browser, self.memory
        page = browser.get("GET /q/…, /report", f"/q/{random.choice(PLATES)}")
        form = page.forms.get("/report")
        if form is None:
            browser.measures.failed(f"no report form: {page.status}")
            return
        self._wait(4, 12)
        what = f"{random.choice(TROUBLES)}（第{memory.number()}件）"
        values = {**form.values, "what": [what], "kind": [random.choice(KINDS)], "door": ["2单元301"]}
        values |= {"reporter_name": ["王女士"], "phone": ["13800138000"], "danger": ["没有"]}
        with memory.lock:
            memory.tried.add(what)
        photo = a_photo(0.3)
        kind = "POST /report with a photo" if photo else "POST /report"
        answer = browser.post(kind, "/report", values, ("photos", photo) if photo else None)
        if answer.status != 303:
            browser.measures.failed(f"report not taken: {answer.status} {answer.text[:200]}")
            return
        done = browser.get("GET /r/…/done", answer.location)
        code = re.search(r"\b[A-Z]{2}-[A-Z0-9]+-\d{6}-[A-Z0-9]{7}\b", done.text)
        if code is None:
            browser.measures.failed(f"no code on the page: {done.status}")
            return
        with memory.lock:
            memory.reports.append(Reported(code[0], what))
        moods = ("happy", "happy", "happy", "happy", "happy", "unhappy", "silent", "withdraws")
        self.open[answer.location.removesuffix("/done")] = random.choice(moods)

    def _follow(self, link: str) -> None:
        page = self.browser.get("GET /r/…", link)
        mood = self.open[link]
        for action, form in page.forms.items():
            if action.endswith("/completion") and mood != "silent":
                self._wait(2, 6)
                self._rate(link, action, form.values)
                return
            if action.endswith("/messages/withdrawn") and mood == "withdraws":
                self._wait(2, 6)
                sent = self.browser.post("POST withdrawal", action, {**form.values, "withdrawal_reason": ["已经好了"]})
                self._count(sent.status == 303, "withdrawn")
                del self.open[link]
                return
        if "已办结" in page.text and "stage-now" not in page.text:
            self.open.pop(link, None)

    def _rate(self, link: str, action: str, hidden: dict[str, list[str]]) -> None:
        rating = str(random.randint(3, 5)) if self.open[link] != "unhappy" else "2"
        comment = f"评语{self.memory.number()}"
        values = {**hidden, "rating": [rating], "comment": [comment]}
        answer = self.browser.post("POST rating", action, values)
        if answer.status == 303:
            task = int(action.split("/")[-2])
            with self.memory.lock:
                self.memory.submissions.append(Submitted(task, "", {"rating": rating, "comment": comment}))
        elif answer.status in (404, 409):  # the limit for rating was first, or our first try had come through
            self.memory.was_overtaken()
        else:
            self.browser.measures.failed(f"rating not taken: {answer.status} {answer.text[:200]}")
        if self.open[link] != "unhappy":
            del self.open[link]  # who was unhappy looks again after the rework
        else:
            self.open[link] = "happy"

    def _count(self, done: bool, what: str) -> None:
        if done and what == "withdrawn":
            with self.memory.lock:
                self.memory.withdrawn += 1
        else:
            self.memory.was_overtaken()

    def _wait(self, shortest: float, longest: float) -> None:
        self.browser.pause(shortest * self.pace, longest * self.pace)
