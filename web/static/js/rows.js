// Tables that are filled row by row: a row more or less without asking the server. What is computed comes with
// js/refresh.js. Works in Chromium 70.
(function () {
  "use strict";

  const NAMED = ["name", "id", "for", "value", "aria-describedby"];

  function rowsOf(table) {
    return Array.from(table.querySelectorAll("tbody > tr"));
  }

  // field:3:column becomes field:4:column in everything that names the row.
  function renumber(row, field, number) {
    const before = `${field}:${row.dataset.row}:`;
    row.dataset.row = number;
    row.querySelectorAll("*").forEach(function (element) {
      NAMED.forEach(function (name) {
        const value = element.getAttribute(name);
        if (value === null || name === "value") return;
        if (value.includes(before)) element.setAttribute(name, value.split(before).join(`${field}:${number}:`));
      });
    });
    row.querySelector("[data-remove-row]").value = `${field}:remove:${number}`;
  }

  function empty(row) {
    row.querySelectorAll("input:not([type=hidden]), textarea").forEach(function (control) {
      control.value = "";
    });
    row.querySelectorAll("select").forEach(function (select) {
      select.selectedIndex = 0;
    });
    row.querySelectorAll("output").forEach(function (output) {
      output.textContent = "";
    });
    row.querySelectorAll(".field-error").forEach(function (error) {
      error.remove();
    });
    row.querySelectorAll("[aria-invalid]").forEach(function (control) {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    });
    row.querySelectorAll(".rows-bad").forEach(function (cell) {
      cell.classList.remove("rows-bad");
    });
  }

  // Rows are told by where they stand, whatever their names say.
  function count(table) {
    rowsOf(table).forEach(function (row, index) {
      row.querySelector(".rows-word").textContent = _("第 {number} 行", { number: index + 1 });
      row.querySelectorAll("[data-row-number]").forEach(function (place) {
        place.textContent = _("，第 {number} 行", { number: index + 1 });
      });
    });
    table.querySelector("[data-add-row]").disabled = rowsOf(table).length >= Number(table.dataset.most);
  }

  function firstControl(row) {
    return row.querySelector("input:not([type=hidden]), select, textarea");
  }

  function changed(table) {
    const control = firstControl(table.querySelector("tbody"));
    control.dispatchEvent(new Event("input", { bubbles: true })); // for js/draft.js and js/refresh.js
  }

  function add(table) {
    const rows = rowsOf(table);
    if (rows.length >= Number(table.dataset.most)) return null;
    const fresh = rows[rows.length - 1].cloneNode(true);
    empty(fresh);
    renumber(fresh, table.dataset.rows, Math.max(...rows.map((row) => Number(row.dataset.row))) + 1);
    rows[rows.length - 1].after(fresh);
    count(table);
    return fresh;
  }

  function remove(table, row) {
    const rows = rowsOf(table);
    const next = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1] || row;
    if (rows.length > 1) row.remove();
    else empty(row);
    rowsOf(table).forEach((one, number) => renumber(one, table.dataset.rows, number)); // as the server counts them
    count(table);
    firstControl(next).focus();
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-add-row], [data-remove-row]");
    if (!button) return;
    event.preventDefault();
    const table = button.closest("[data-rows]");
    const said = table.querySelector("[data-rows-said]");
    if (button.matches("[data-add-row]")) {
      const fresh = add(table);
      if (fresh) firstControl(fresh).focus();
      said.textContent = fresh ? _("已加一行") : "";
    } else {
      remove(table, button.closest("tr"));
      said.textContent = _("已删去一行");
    }
    changed(table);
  });

  // What js/draft.js is about to bring back may have rows that are not drawn.
  document.addEventListener("tongxin:filling", function (event) {
    event.target.querySelectorAll("[data-rows]").forEach(function (table) {
      const names = event.detail.filter((name) => name.startsWith(`${table.dataset.rows}:`));
      const drawn = new Set(rowsOf(table).map((row) => row.dataset.row));
      new Set(names.map((name) => name.split(":")[1])).forEach(function (number) {
        const fresh = drawn.has(number) ? null : add(table);
        if (fresh) renumber(fresh, table.dataset.rows, number);
      });
    });
  });
})();
