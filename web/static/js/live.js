// News while a page is open: its badge counts on, and a note at the top waits for a tap. Nothing else moves by itself.
// What is new is heard over one stream for all tabs (live-worker.js); without it the page asks now and then.
(function () {
  "use strict";

  const place = document.getElementById("news");
  if (!place || !window.EventSource) return;

  const HERE = 30 * 1000; // how often a tab says that it is still looked at
  const ASK = 30 * 1000; // how often the page asks while no stream tells it
  const AFTER_OPENING = 3000; // what happened between the page's drawing and the stream's beginning

  let timer = 0;
  let port = null;

  function task() {
    const shown = document.querySelector(".task[data-task]");
    return shown ? shown.dataset : {};
  }

  function shownCase() {
    return place.dataset.case || task().case || "";
  }

  function question() {
    const asked = Object.assign({}, place.dataset, { task: task().task, case: place.dataset.case });
    const names = ["scope", "newest", "count", "case", "length", "task"].filter((name) => asked[name]);
    return new URLSearchParams(names.map((name) => [name, asked[name]]));
  }

  function badge(number) {
    document.querySelectorAll('a[href="/notices"]').forEach(function (link) {
      let count = link.querySelector(".count");
      if (!count && number) {
        count = document.createElement("span");
        count.className = "count";
        link.append(" ", count);
      }
      if (!count) return;
      const unseen = document.createElement("span");
      unseen.className = "unseen";
      unseen.textContent = " " + _("条未读");
      count.replaceChildren(String(number), unseen);
      count.hidden = !number;
    });
  }

  function note(text, address) {
    const link = document.createElement("a");
    link.className = "button button-primary";
    link.href = address;
    link.textContent = text;
    return link;
  }

  function show(news) {
    const notes = [];
    if (news.task) notes.push(note(news.task, "/tasks/" + task().task));
    if (news.case) notes.push(note(_("这件事有新进展，点这里显示"), location.href));
    if (news.tasks) {
      const again = note(_("有 {n} 条新待办，点这里显示", { n: news.tasks }), location.href);
      again.dataset.news = "";
      notes.push(again);
    }
    const said = notes.map((one) => one.textContent).join();
    if (said === place.dataset.said) return; // said already, perhaps put away
    place.dataset.said = said;
    if (notes.length) notes.push(closing());
    place.replaceChildren(...notes);
  }

  function closing() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "news-close";
    button.setAttribute("aria-label", _("先不看"));
    button.textContent = "×";
    button.addEventListener("click", () => place.replaceChildren());
    return button;
  }

  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch("/live/news?" + question(), { credentials: "same-origin" });
      if (!answer.ok) return; // signed out: said when the person does something, not while they read
      const news = await answer.json();
      badge(news.unread);
      show(news);
    } catch (failure) {
      // the network is away: asked again later
    }
  }

  // Not every page asks at the same moment.
  function lookSoon(wait) {
    clearTimeout(timer);
    timer = setTimeout(look, wait + Math.random() * 400);
  }

  function hear(event) {
    const { kind, id } = event.data;
    if (kind === "open" || kind === "away") place.dataset.live = kind;
    if (kind === "open") lookSoon(AFTER_OPENING);
    if (kind === "again" || kind === "inbox" || kind === "notices" || (kind === "case" && id === shownCase())) lookSoon(200);
  }

  function say(kind) {
    if (port) port.postMessage({ kind, case: shownCase() });
  }

  function join(joined) {
    port = joined;
    port.onmessage = hear;
    if (!document.hidden) say("here");
  }

  // Browsers on phones have no shared workers: there the page runs the same script for itself.
  function runHere() {
    const script = document.createElement("script");
    script.src = place.dataset.worker;
    script.addEventListener("load", function () {
      const channel = new MessageChannel();
      window.joinLive(channel.port1);
      join(channel.port2);
    });
    document.head.append(script);
  }

  if (window.SharedWorker) join(new SharedWorker(place.dataset.worker, "live").port);
  else runHere();

  setInterval(function () {
    if (!document.hidden) say("here");
  }, HERE);
  setInterval(function () {
    if (place.dataset.live !== "open") look();
  }, ASK);

  document.addEventListener("visibilitychange", function () {
    say(document.hidden ? "bye" : "here");
    if (!document.hidden) lookSoon(0);
  });
  window.addEventListener("pagehide", () => say("bye"));
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    say("here");
    lookSoon(0);
  });
  // Another task in the pane is of another case.
  document.addEventListener("htmx:after:swap", function () {
    place.dataset.said = "";
    say("here");
  });
})();
