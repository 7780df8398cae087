// Sends the CSRF token with every htmx request, shows that one is running, and says so when the network fails.
(function () {
  "use strict";

  const token = document.querySelector('meta[name="csrf"]');
  let running = 0;

  function say(text) {
    const line = document.createElement("p");
    line.className = "message message-bad";
    line.textContent = text;
    const place = document.getElementById("message");
    place.classList.add("floating");
    place.replaceChildren(line);
  }

  document.addEventListener("htmx:config:request", function (event) {
    event.detail.ctx.request.headers["X-CSRF-Token"] = token.content;
  });

  document.addEventListener("htmx:before:request", function () {
    running += 1;
    document.body.classList.add("busy");
  });

  document.addEventListener("htmx:finally:request", function () {
    running = Math.max(0, running - 1);
    document.body.classList.toggle("busy", running > 0);
  });

  // A whole page in answer to a request for a part of one: somebody is signed out, or something went wrong.
  // It must not land in the little place that asked.
  document.addEventListener("htmx:after:request", function (event) {
    const { ctx } = event.detail;
    if (!/^\s*<!doctype/i.test(ctx.text)) return;
    if (ctx.response.raw.redirected) {
      location.href = "/sign-in?next=" + encodeURIComponent(location.pathname + location.search);
      event.preventDefault();
    } else {
      const problem = new DOMParser().parseFromString(ctx.text, "text/html").querySelector(".problem");
      say(problem ? problem.innerText.trim().replace(/\s*\n\s*/, _("。")) : _("刚才的操作没有成功，请刷新页面再试。"));
      event.preventDefault();
    }
  });

  // Nothing typed stays behind for the next person at this computer.
  document.addEventListener("submit", function (event) {
    if (event.target.matches("[data-sign-out]")) sessionStorage.clear();
  });

  document.addEventListener("htmx:error", function () {
    say(_("网络断了，刚才的操作没有发出去。已填的内容还在，请稍后再试。"));
  });
})();
