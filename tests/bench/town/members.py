"""Members: sign in, look into the inbox, take what is free, read it, fill its form in, go on."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.town.browser import Browser, Form, Over, Page, plain
from tests.bench.town.memory import Memory, Submitted, a_photo

PASSWORD = "a town of its own"


@dataclass(frozen=True, slots=True)
class Someone:
    """Login, name, and posts as role@unit."""

    login: str
    name: str
    posts: tuple[str, ...]


def people(number: int) -> list[Someone]:
    """So many members: one governance officer, one of the subdistrict, the rest as communities have them."""
    found = [
        Someone("town01", "孙督", ("subdistrict_officer@BHDJ",)),
        Someone("town02", "钱治", ("governance_officer@BHZZ",)),
    ]
    ring = (
        ("community_clerk@YY",),
        ("party_member@YY1",),
        ("dispatcher@YY",),
        ("party_member@YY2",),
        ("community_clerk@NY", "dispatcher@NY"),
        ("party_member@NY1",),
        ("party_member@YY1",),
        ("community_clerk@YY", "dispatcher@YY"),
        ("party_member@NY1",),
    )
    while len(found) < number:
        count = len(found) + 1
        found.append(Someone(f"town{count:02}", f"成员{count}", ring[(count - 3) % len(ring)]))
    return found


class Member:
    """One member at their desk or on their phone."""

    def __init__(self, someone: Someone, make_browser: Callable[[], Browser], memory: Memory, pace: float) -> None:
        self.someone, self.memory, self.pace = someone, memory, pace
        self.browser = make_browser()
        self.ignored: set[str] = set()  # tasks left to their time limit

    def live(self) -> None:
        """Until the time is up."""
        try:
            self._wait(0, 8)
            self._sign_in()
            while True:
                if not (self._work("mine") or self._work("open")):
                    self._wait(3, 8)
        except Over:
            return

    def _sign_in(self) -> None:
        form = self.browser.get("GET /sign-in", "/sign-in").forms["/sign-in"]
        self._wait(1, 3)
        values = {**form.values, "login": [self.someone.login], "password": [PASSWORD]}
        answer = self.browser.post("POST /sign-in", "/sign-in", values)
        if answer.status != 303:
            self.browser.measures.failed(f"{self.someone.login} cannot sign in: {answer.status}")

    def _work(self, scope: str) -> bool:
        """Look into one list and do what is due first; whether there was something."""
        page = self.browser.get(f"GET /tasks?scope={scope}", f"/tasks?scope={scope}")
        waiting = [task for task in re.findall(r'data-task="(\d+)"', page.text) if task not in self.ignored]
        if not waiting:
            return False
        task = waiting[0] if scope == "mine" else random.choice(waiting[:5])
        self._wait(0.5, 2)
        if scope == "open" and not self._claim(task):
            return True
        while task:  # go on as the pages lead
            task = self._do(task)
        return True

    def _claim(self, task: str) -> bool:
        page = self.browser.get("GET /tasks/N", f"/tasks/{task}")
        form = page.forms.get(f"/tasks/{task}/claim")
        if form is None:
            self._overtaken(page)
            return False
        self._wait(1, 2)
        answer = self.browser.post("POST claim", form.action, form.values)
        if answer.status == 303:
            return True
        self._overtaken(answer)
        return False

    def _do(self, task: str) -> str:
        """Fill one task's form in; the task that the answer leads to, if it is one of ours."""
        page = self.browser.get("GET /tasks/N", f"/tasks/{task}")
        form = page.forms.get(f"/tasks/{task}/completion")
        if form is None:
            self._overtaken(page)
            return ""
        if "answer" in form.choices and random.random() < 0.05:
            self.ignored.add(task)  # the time limit gives it to somebody else
            return ""
        self._wait(2, 5)
        if "given_back" in page.text and random.random() < 0.03:
            return self._give_back(task, page)
        values = self._fill(form)
        photo = a_photo(0.3) if "result" in values else None
        kind = "POST completion with a photo" if photo else "POST completion"
        sent = {**form.values, **{name: [value] for name, value in values.items()}}
        answer = self.browser.post(kind, form.action, sent, ("result_photos", photo) if photo else None)
        if answer.status != 303:
            return self._not_done(task, values, answer)
        with self.memory.lock:
            self.memory.submissions.append(Submitted(int(task), self.someone.login, values))
        following = re.fullmatch(r"/tasks/(\d+)", answer.location)
        self._wait(0.5, 1.5)
        return following[1] if following else ""

    def _fill(self, form: Form) -> dict[str, str]:
        """What this person answers: by the names of the fields, as the procedure has them."""
        number = self.memory.number()
        values: dict[str, str] = {}
        if "decision" in form.choices:
            values = self._check(form)
        elif "ruling" in form.choices:
            values = {"ruling": "dispatch", "member": _someone(form), "dispatch_note": f"请尽快（{number}）"}
        elif "answer" in form.choices:
            refuses = random.random() < 0.08
            values = {"answer": "refuse" if refuses else "accept"}
            values |= {"refusal_reason": f"今天有事（{number}）"} if refuses else {}
        elif "member" in form.choices:
            values = {"member": _someone(form), "dispatch_note": f"带上工具（{number}）"}
            values |= {"urgent": _either(form, "urgent")} if "urgent" in form.choices else {}
        elif "outside_help" in form.choices:
            values = {"outside_help": form.choices["outside_help"][0], "helper": f"畅达疏通{number}队"}
        for name in ("site_note", "result", "finding", "reply"):
            if name in form.names:
                values[name] = f"已办（{number}）"
        return values

    def _check(self, form: Form) -> dict[str, str]:
        others = [value for value in form.choices.get("merged_into", []) if value]
        fate = random.random()
        if fate < 0.06 and others:
            return {"decision": "duplicate", "merged_into": random.choice(others)}
        if fate < 0.12:
            return {"decision": "not_ours", "referral_note": f"归别的单位（{self.memory.number()}）"}
        return {"decision": "valid", "kind": "楼道", "urgent": _either(form, "urgent")}

    def _give_back(self, task: str, page: Page) -> str:
        form = page.forms.get(f"/tasks/{task}/messages/given_back")
        if form is not None:
            answer = self.browser.post("POST give back", form.action, {**form.values, "given_back_reason": ["去不了"]})
            if answer.status != 303:
                self._overtaken(answer)
        return ""

    def _not_done(self, task: str, values: dict[str, str], answer: Page) -> str:
        """Somebody or a limit was first, or our first try came through and only its answer was lost."""
        if answer.status in (404, 409):
            self.memory.was_overtaken()
            return ""
        if answer.status == 422 and "merged_into" in values:  # that case has just ended: choose again
            self.memory.was_overtaken()
            return task
        self.browser.measures.failed(f"task {task} not done: {answer.status} {values} {plain(answer.text)[:300]}")
        return ""

    def _overtaken(self, page: Page) -> None:
        if page.status in (200, 404, 409):
            self.memory.was_overtaken()
        else:
            self.browser.measures.failed(f"{page.status}: {plain(page.text)[:300]}")

    def _wait(self, shortest: float, longest: float) -> None:
        self.browser.pause(shortest * self.pace, longest * self.pace)


def _someone(form: Form) -> str:
    return _either(form, "member")


def _either(form: Form, name: str) -> str:
    return random.choice([value for value in form.choices[name] if value])
