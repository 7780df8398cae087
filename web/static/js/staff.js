// Sends the CSRF token with every htmx request, shows that one is running, and says so when the network fails.
(function () {
  "use strict";

  const token = document.querySelector('meta[name="csrf"]');
  let running = 0;

  function say(text) {
    const line = document.createElement("p");
    line.className = "message message-bad";
    line.textContent = text;
    document.getElementById("message").replaceChildren(line);
  }

  function isPoll(event) {
    return event.target.closest && event.target.closest("[data-poll]");
  }

  document.addEventListener("htmx:config:request", function (event) {
    event.detail.ctx.request.headers["X-CSRF-Token"] = token.content;
  });

  document.addEventListener("htmx:before:request", function (event) {
    if (isPoll(event)) {
      if (document.hidden) event.preventDefault();
      return;
    }
    running += 1;
    document.body.classList.add("busy");
  });

  document.addEventListener("htmx:finally:request", function (event) {
    if (isPoll(event)) return;
    running = Math.max(0, running - 1);
    document.body.classList.toggle("busy", running > 0);
  });

  // A poll that fails is tried again by itself; an error page must not land in the little place a poll fills.
  document.addEventListener("htmx:before:swap", function (event) {
    const { ctx } = event.detail;
    if (isPoll(event) && ctx && ctx.response && ctx.response.status >= 400) event.preventDefault();
  });

  document.addEventListener("htmx:error", function (event) {
    if (!isPoll(event)) say("网络断了，刚才的操作没有发出去。已填的内容还在，请稍后再试。");
  });
})();
