// Makes the pages quicker to use. Nothing depends on it: every page works with scripts off.
"use strict";

(() => {
  const OFF = "groundswell-keys-off";
  const numbers = /-?[\d,]+(?:\.\d+)?/;

  // On a phone the main menu is one line that scrolls: the page shown is brought into view.
  const here = document.querySelector(".top nav a[aria-current]");
  const menu = here && here.parentElement;
  if (menu && menu.scrollWidth > menu.clientWidth) {
    menu.scrollLeft = here.offsetLeft - menu.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
  }

  // Tables: a click on a header sorts the rows shown, a second one turns the order around.
  function value(row, column, numeric) {
    const cell = row.cells[column];
    const text = (cell && (cell.dataset.value ?? cell.textContent.trim())) || "";
    if (!numeric) return text;
    const found = numbers.exec(text);
    return found ? Number(found[0].replaceAll(",", "")) : null;
  }

  function compare(one, other, numeric) {
    if (numeric) return one - other;
    return one.localeCompare(other, "en", { sensitivity: "base", numeric: true });
  }

  function sort(table, header, column) {
    const numeric = header.classList.contains("number");
    const before = header.getAttribute("aria-sort");
    const way = before === "ascending" ? "descending" : "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", way);
    const sign = way === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [value(row, column, numeric), row]);
    rows.sort(([one], [other]) => {
      // What has no number stays below, whichever way the order goes.
      if (one === null || other === null) return (one === null) - (other === null);
      return sign * compare(one, other, numeric);
    });
    body.append(...rows.map(([, row]) => row));
  }

  function makeSortable(table) {
    if (!table.tHead || table.tBodies.length !== 1 || table.tBodies[0].rows.length < 2) return;
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      if (header.dataset.sort === "none" || header.querySelector("a, button")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => sort(table, header, column));
    });
  }

  // Filters: choosing is asking; the button stays for those who fill in text.
  function makeQuick(form) {
    form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLSelectElement) form.requestSubmit();
    });
  }

  // Paper shows what is folded on the screen.
  function unfoldForPrint() {
    const opened = [];
    window.addEventListener("beforeprint", () => {
      for (const part of document.querySelectorAll("details.fold:not([open])")) {
        part.open = true;
        opened.push(part);
      }
    });
    window.addEventListener("afterprint", () => {
      for (const part of opened.splice(0)) part.open = false;
    });
  }

  // A link into a folded part opens it.
  function unfoldTarget() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (target instanceof HTMLDetailsElement) target.open = true;
    const around = target && target.closest("details");
    if (around) around.open = true;
  }

  // Keys. One switch turns them off, since single keys get in the way of some ways of typing.
  const KEYS = [
    ["/", "go to the search box"],
    ["[", "the week before, or the page before"],
    ["]", "the next week, or the next page"],
    ["?", "this help"],
    ["Esc", "close it"],
  ];

  function help() {
    const open = document.querySelector("dialog.keys");
    if (open) return open.close();
    const dialog = document.createElement("dialog");
    dialog.className = "keys";
    dialog.setAttribute("aria-label", "Keys");
    const title = document.createElement("h2");
    title.textContent = "Keys";
    const list = document.createElement("dl");
    for (const [key, does] of KEYS) {
      const name = document.createElement("dt");
      const kbd = document.createElement("kbd");
      kbd.textContent = key;
      name.append(kbd);
      const what = document.createElement("dd");
      what.textContent = does;
      list.append(name, what);
    }
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !keysOff();
    box.addEventListener("change", () => remember(OFF, box.checked ? "" : "yes"));
    label.append(box, " Keys are on (the ? key stays)");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    dialog.append(title, list, label, close);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  function keysOff() {
    try {
      return localStorage.getItem(OFF) === "yes";
    } catch {
      return false; // storage may be forbidden; keys are on then
    }
  }

  function remember(name, text) {
    try {
      localStorage.setItem(name, text);
    } catch {
      // Storage may be forbidden; the choice lasts for this page only.
    }
  }

  function follow(rel) {
    const link = document.querySelector(`main a[rel="${rel}"]`);
    if (link) link.click();
  }

  function onKey(event) {
    const target = event.target;
    const typing = target instanceof Element && target.closest("input, textarea, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "?") return help();
    if (keysOff()) return undefined;
    if (event.key === "/") {
      const box = document.querySelector('main input[type="search"]') ||
        document.getElementById("search-box");
      if (box) {
        event.preventDefault();
        box.focus();
        box.select();
      }
    } else if (event.key === "[") {
      follow("prev");
    } else if (event.key === "]") {
      follow("next");
    }
    return undefined;
  }

  document.querySelectorAll("table.wide-table").forEach(makeSortable);
  document.querySelectorAll("form.filters").forEach(makeQuick);
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", unfoldTarget);
  unfoldForPrint();
  unfoldTarget();
})();
