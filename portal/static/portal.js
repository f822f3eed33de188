/* Small comforts on pages that work without them: htmx held to our rules, copying, keys, focus on what went wrong. */
(() => {
  "use strict";

  if (window.htmx) {
    Object.assign(htmx.config, {
      allowEval: false,
      allowScriptTags: false,
      includeIndicatorStyles: false,
      historyCacheSize: 0,
      refreshOnHistoryMiss: true,
      selfRequestsOnly: true,
      scrollBehavior: "instant",
      responseHandling: [
        { code: "204", swap: false },
        { code: "[23]..", swap: true },
        { code: "4(00|09|22)", swap: true, error: false },
        { code: "...", swap: false, error: true },
      ],
    });
  }

  const find = (selector, root = document) => root.querySelector(selector);

  /* What comes back with errors takes the focus, so that screen readers and keyboards begin there. */
  function focusErrors(root) {
    const errors = find("[data-errors]", root);
    if (errors) errors.focus();
  }

  /* Controls that only work with scripts are hidden until now. */
  function reveal(root) {
    root.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
    root.querySelectorAll("[data-without-script]").forEach((part) => { part.hidden = true; });
  }

  async function copy(button) {
    const text = find(button.dataset.copy).textContent.trim();
    const label = find("[data-label]", button) || button;
    try {
      await navigator.clipboard.writeText(text);
      label.textContent = button.dataset.copied;
    } catch {
      getSelection().selectAllChildren(find(button.dataset.copy));
    }
  }

  /* Keys press what names them; J and K else walk the links of a list. What unfolds is entered at once. */
  function press(key) {
    const target = find(`[data-key="${CSS.escape(key)}"]`);
    if (!target && (key === "j" || key === "k")) {
      const links = [...document.querySelectorAll("[data-walk] a")];
      const here = Math.max(links.indexOf(document.activeElement),
        links.findIndex((link) => link.getAttribute("aria-current") === "true"));
      const next = links[here + (key === "j" ? 1 : -1)];
      if (next) next.focus();
      return Boolean(next);
    }
    if (!target) return false;
    if (target.matches("input, textarea, select")) target.focus();
    else target.click();
    const inside = target.matches("summary") && find("input:not([type=hidden]), textarea", target.parentElement);
    if (inside) inside.focus();
    return true;
  }

  function say(words) {
    const live = document.getElementById("live");
    if (!live) return;
    live.textContent = words || "";
    live.hidden = !words;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    if (event.target.closest("[data-print]")) print();
    const link = event.target.closest("a[href^='#']");
    const part = link && document.getElementById(link.hash.slice(1));
    if (part && part.matches("details")) part.open = true;
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    /* Enter presses the main thing unless something else has the focus. */
    const idle = document.activeElement === document.body;
    const main = event.key === "Enter" && idle && find("[data-enter]");
    if (main) main.click();
    if (main || press(event.key.toLowerCase())) event.preventDefault();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    reveal(event.target);
    focusErrors(event.target);
  });
  /* A refusal names the place of its sentence itself (HX-Retarget: #live), whatever its status. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "live") return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    event.detail.target.hidden = false;
  });
  document.addEventListener("htmx:beforeRequest", () => say(""));
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => say(document.body.dataset.unsent));
  }
  document.addEventListener("htmx:responseError", () => say(document.body.dataset.failed));

  /* Typing counts as use: every four minutes the sign-in hears of it, so that a long form does not idle out. */
  let told = Date.now();
  document.addEventListener("input", async () => {
    const body = document.body;
    if (!body.dataset.here || Date.now() - told < 240000) return;
    told = Date.now();
    try {
      const headers = JSON.parse(body.getAttribute("hx-headers") || "{}");
      const answer = await fetch(body.dataset.here, { method: "POST", headers, redirect: "manual" });
      if (answer.status !== 204) say(body.dataset.gone);
    } catch { /* offline: nothing is lost, the next letter tries again */ }
  });

  document.addEventListener("DOMContentLoaded", () => {
    reveal(document);
    focusErrors(document);
  });
})();
