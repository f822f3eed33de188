/* Checking the record: rows open, save and close in their place. The page works without it; with it the form is
   fetched as a part and put where the old one was, and whatever is typed in any open row goes along. */
(() => {
  "use strict";

  const find = (selector, root = document) => root.querySelector(selector);
  let busy = false;

  function say(words) {
    const live = document.getElementById("live");
    live.textContent = words;
    live.hidden = !words;
  }

  function show(text) {
    const fresh = find("#group", new DOMParser().parseFromString(text, "text/html"));
    if (!fresh) return false;
    find("#group").replaceWith(fresh);
    const start = find("[autofocus]", fresh);
    if (start) start.focus();
    fresh.dispatchEvent(new CustomEvent("htmx:afterSwap", { bubbles: true }));
    return true;
  }

  async function ask(address, options = {}) {
    if (busy) return;
    busy = true;
    say("");
    try {
      const answer = await fetch(address, { ...options, headers: { "HX-Request": "true" } });
      const onward = answer.headers.get("HX-Redirect");
      const text = await answer.text();
      if (onward) location.assign(onward);
      else if (!show(text)) {
        const told = new DOMParser().parseFromString(text, "text/html").body.textContent.trim();
        say(told || document.body.dataset.failed);
      }
    } catch {
      say(document.body.dataset.unsent);
    } finally {
      busy = false;
    }
  }

  function send(form, act) {
    const body = new FormData(form);
    body.set("do", act);
    ask(form.action, { method: "POST", body });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-group]");
    if (!form) return;
    event.preventDefault();
    send(form, (event.submitter && event.submitter.value) || "save");
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-group] .item > a.button");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ask(link.href);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-next]")) send(event.target.form, event.target.dataset.next);
  });
})();
