// Saves the diagram by itself: soon after a change and when the page is left. What could not be sent waits in this tab.
// Somebody else's change in between is not overwritten: there is a choice, and nothing is lost either way.
const PAUSE = 800;

function button(text, primary, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = primary ? "button button-primary" : "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

export function keepSaving({ about, modeler, desk, post }) {
  const said = desk.querySelector("[data-saved]");
  const conflict = desk.querySelector("[data-conflict]");
  const place = `workspace ${about.url} ${about.file}`;
  let timer = 0;
  let unsaved = false;
  let running = null;

  const say = (text) => (said.textContent = text);
  const kept = () => JSON.parse(sessionStorage.getItem(place) || "null");

  async function drawn() {
    return (await modeler.saveXML({ format: true })).xml;
  }

  function keepHere(xml) {
    try {
      sessionStorage.setItem(place, JSON.stringify({ xml, revision: about.revision, base: about.base }));
    } catch {
      // no room, or not allowed: then only the server keeps it
    }
  }

  function sentFields(xml, more) {
    return { file: about.file, diagram: new File([xml], "process.bpmn", { type: "application/xml" }), ...more };
  }

  function ask(latest, xml) {
    const line = document.createElement("div");
    line.className = "alert";
    line.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = latest.who
      ? _("{who}刚才也改了这张图，您后来的改动没有存进去。", { who: latest.who })
      : _("这份草稿刚才被发布或丢掉了，您后来的改动没有存进去。");
    const acts = document.createElement("p");
    acts.className = "act-row";
    acts.append(
      button(_("看新的，我的另存一份"), false, async () => {
        const answer = await post("/copies", sentFields(xml));
        if (!answer.ok) return say(_("没有保存成，请稍后再试"));
        sessionStorage.removeItem(place);
        unsaved = false;
        location.reload();
      }),
      button(_("用我的，新的另存一份"), false, () => {
        Object.assign(about, { revision: latest.revision, base: latest.base });
        conflict.replaceChildren();
        save({ anyway: "yes" });
      }),
    );
    line.append(text, acts);
    conflict.replaceChildren(line);
    say(_("没有保存：两个人改了同一张图"));
  }

  function refused(told) {
    unsaved = true;
    say(told.message || told.detail || _("没有保存成，请稍后再试"));
  }

  async function send(more) {
    unsaved = false;
    say(_("保存中…"));
    try {
      const xml = await drawn();
      keepHere(xml);
      const answer = await post("/draft", sentFields(xml, more));
      const told = await answer.json();
      if (answer.status === 409) return ask(told, xml);
      if (!answer.ok) return refused(told);
      Object.assign(about, { revision: told.revision, base: told.base });
      if (!unsaved) sessionStorage.removeItem(place);
      say(_("已保存 {time}", { time: told.saved }));
    } catch {
      unsaved = true;
      timer = setTimeout(save, 10 * PAUSE);
      say(_("没有保存成：网络断了或登录过期。改动还在这个页面，稍后会再试"));
    }
  }

  async function save(more) {
    clearTimeout(timer);
    while (running) await running; // of two that wait here the second sees the first one's revision
    running = send(more).finally(() => (running = null));
    await running;
  }

  function later() {
    unsaved = true;
    if (conflict.childElementCount) return;
    say(_("保存中…"));
    drawn().then((xml) => unsaved && keepHere(xml), () => {});
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  async function flush() {
    if (unsaved) await save();
    while (running) await running;
    return !unsaved && !conflict.childElementCount;
  }

  // A link leads on once everything is saved; what cannot be saved waits in the tab.
  async function leave(event) {
    const link = event.target.closest && event.target.closest("a[href]");
    if (!link || link.target || event.defaultPrevented || event.ctrlKey || event.metaKey || (!unsaved && !running)) return;
    event.preventDefault();
    await flush();
    location.href = link.href;
  }

  return {
    kept() {
      const mine = kept();
      if (!mine) return null;
      Object.assign(about, { revision: mine.revision, base: mine.base });
      unsaved = true;
      return mine.xml;
    },
    start() {
      modeler.on("commandStack.changed", later);
      if (unsaved) save();
      document.addEventListener("visibilitychange", () => document.hidden && unsaved && save());
      window.addEventListener("pagehide", () => unsaved && save());
      document.addEventListener("click", leave);
    },
    /** Everything is saved, or it cannot be: true or false. */
    flush,
  };
}
