// The inbox by keyboard (j k Enter c / ?), the pane on wide screens, and news only when asked for.
(function () {
  "use strict";

  const wide = window.matchMedia("(min-width: 1200px)");

  function rows() {
    return Array.from(document.querySelectorAll(".row"));
  }

  function opened() {
    return document.querySelector(".row-open");
  }

  function mark(row) {
    rows().forEach(function (other) {
      other.classList.toggle("row-open", other === row);
    });
  }

  // The selected task stays in the address, so that going back finds it again.
  function remember(id) {
    const address = new URL(location.href);
    address.searchParams.set("task", id);
    history.replaceState(history.state, "", address);
  }

  function open(row) {
    mark(row);
    remember(row.dataset.task);
    const address = row.querySelector(".row-link").getAttribute("href");
    return window.htmx.ajax("GET", address, { target: "#pane", swap: "innerHTML scroll:top" });
  }

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const focused = document.activeElement.closest(".row") || opened();
    const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(focused) + step))];
    next.querySelector(".row-link").focus();
  }

  function claim() {
    const row = document.activeElement.closest(".row") || opened();
    const button = row && row.querySelector(".row-act button");
    if (button) button.click();
  }

  const keys = {
    j: function () {
      move(1);
    },
    k: function () {
      move(-1);
    },
    c: claim,
    "/": function () {
      document.getElementById("q").focus();
    },
    "?": function () {
      document.getElementById("keys").showModal();
    },
  };

  document.addEventListener("keydown", function (event) {
    const typing = event.target.closest("input, select, textarea, dialog[open]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-news]")) {
      event.preventDefault();
      location.reload(); // the same filters, the same selected task
      return;
    }
    const link = event.target.closest(".row-link");
    if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const byKeyboard = event.detail === 0;
    open(link.closest(".row")).then(function () {
      if (byKeyboard) document.getElementById("pane").focus();
    });
  });

  function countClaim() {
    [["open", -1], ["mine", 1]].forEach(function (change) {
      const number = document.querySelector('[data-count="' + change[0] + '"]');
      if (number) number.textContent = Math.max(0, Number(number.textContent) + change[1]);
    });
  }

  // A claim made in the list opens the task beside it; one made in the pane takes the button off the list.
  document.addEventListener("htmx:after:swap", function () {
    const shown = document.querySelector(".pane .task[data-mine]");
    const row = shown && document.getElementById("task-" + shown.dataset.task);
    const button = row && row.querySelector(".row-act");
    if (button) {
      button.remove();
      countClaim();
    }
    document.querySelectorAll(".row[data-claimed]").forEach(function (claimed) {
      claimed.removeAttribute("data-claimed");
      countClaim();
      if (wide.matches && !document.querySelector(".pane .task-form")) open(claimed);
    });
  });

  document.addEventListener("DOMContentLoaded", function () {
    const address = new URL(location.href);
    const id = address.searchParams.get("task");
    if (address.searchParams.has("done")) {
      address.searchParams.delete("done"); // said once
      history.replaceState(history.state, "", address);
    }
    const row = id && document.getElementById("task-" + id);
    if (row && wide.matches && !opened()) open(row); // a quick click may have opened one already
  });
})();
