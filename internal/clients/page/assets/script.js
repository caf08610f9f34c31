"use strict";
// Without this script the page shows everything, one after the other. The script turns the
// content into tabs, as in https://www.w3.org/WAI/ARIA/apg/patterns/tabs/, and adds buttons
// to copy.
(function () {
  function tabsOf(group) {
    return Array.from(group.firstElementChild.children);
  }

  function select(group, chosen) {
    for (const tab of tabsOf(group)) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
    }
  }

  // Choosing a system applies to all groups of tabs.
  function selectSystem(system) {
    for (const group of document.querySelectorAll("[data-tabs=os]")) {
      select(group, tabsOf(group).find((tab) => tab.dataset.os === system));
    }
  }

  function choose(group, tab) {
    if (tab.dataset.os) {
      selectSystem(tab.dataset.os);
    } else {
      select(group, tab);
    }
  }

  function onKey(group, event) {
    const tabs = tabsOf(group);
    const at = tabs.indexOf(event.target);
    const to = {
      ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: tabs.length - 1,
    }[event.key];
    if (to === undefined) {
      return;
    }
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    choose(group, next);
    next.focus();
  }

  for (const group of document.querySelectorAll("[data-tabs]")) {
    const list = group.firstElementChild;
    list.hidden = false;
    group.classList.add("tabbed");
    for (const tab of tabsOf(group)) {
      document.getElementById(tab.getAttribute("aria-controls")).tabIndex = 0;
      tab.addEventListener("click", () => choose(group, tab));
    }
    list.addEventListener("keydown", (event) => onKey(group, event));
    select(group, tabsOf(group)[0]);
  }
  const system = navigator.userAgent;
  selectSystem(/Windows/.test(system) ? "windows" : /Linux|Android|CrOS/.test(system) ? "linux" : "darwin");

  const said = document.getElementById("said");
  function say(text) {
    said.textContent = text;
    setTimeout(() => { said.textContent = ""; }, 2500);
  }

  async function copy(id) {
    const source = document.getElementById(id);
    try {
      await navigator.clipboard.writeText(source.textContent);
      say("Copied");
    } catch {
      getSelection().selectAllChildren(source); // not allowed: at least it is marked
      say("Press Ctrl+C or \u2318C to copy");
    }
  }

  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button.dataset.copy));
  }
})();
