// One stream of live updates for all tabs of a browser. It runs as a shared worker; where a browser has none (on phones,
// which show one tab at a time), each page runs it for itself. Tabs say "here" while they are seen and "bye" when they are
// hidden or left; without a tab there is no stream. What a stream says is passed on to every tab.
(function () {
  "use strict";

  const FORGOTTEN = 100 * 1000; // a tab that has not been heard of for so long has crashed
  const TIDY = 30 * 1000;
  const SETTLE = 300; // tabs come and go while somebody moves from page to page
  const SHORTEST = 1000;
  const LONGEST = 60 * 1000;

  const tabs = new Map(); // port → { heard, cases }
  let source = null;
  let address = "";
  let opened = false;
  let failures = 0;
  let timer = 0;

  function tellAll(message) {
    tabs.forEach(function (tab, port) {
      port.postMessage(message);
    });
  }

  function wanted() {
    const cases = new Set();
    tabs.forEach(function (tab) {
      if (tab.case) cases.add(tab.case);
    });
    return "/live?" + new URLSearchParams(Array.from(cases).sort().map((one) => ["case", one]));
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(connect, wait);
  }

  function close() {
    if (source) source.close();
    source = null;
    address = "";
    opened = false;
  }

  function connect() {
    if (!tabs.size) {
      close();
      return;
    }
    if (wanted() === address) return;
    close();
    address = wanted();
    source = new EventSource(address);
    source.onopen = function () {
      opened = true;
      failures = 0;
      tellAll({ kind: "open" });
    };
    source.onmessage = function (event) {
      tellAll(JSON.parse(event.data));
    };
    // Ended, refused or broken off: again after a while that differs from browser to browser.
    source.onerror = function () {
      close();
      tellAll({ kind: "away" });
      failures += 1;
      later(Math.min(LONGEST, SHORTEST * 2 ** failures) * (0.5 + Math.random()));
    };
  }

  function hear(port, message) {
    const before = tabs.get(port);
    if (message.kind === "bye") {
      tabs.delete(port);
    } else {
      tabs.set(port, { heard: Date.now(), case: message.case });
      if (opened && !before) port.postMessage({ kind: "open" });
    }
    if (wanted() !== address || !tabs.size) later(before && failures ? SHORTEST * 2 ** failures : SETTLE);
  }

  setInterval(function () {
    tabs.forEach(function (tab, port) {
      if (Date.now() - tab.heard > FORGOTTEN) tabs.delete(port);
    });
    if (!tabs.size) close();
  }, TIDY);

  function join(port) {
    port.onmessage = function (event) {
      hear(port, event.data);
    };
  }

  self.joinLive = join; // for a page that runs this itself
  self.onconnect = function (event) {
    join(event.ports[0]);
  };
})();
