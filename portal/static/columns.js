/* Column entry with the keyboard alone. Each row is a form that works without this; with it a row is sent where it
   stands and the next one has the focus at once. Rows are sent one after the other, in the order they were left. */
(() => {
  "use strict";

  const find = (selector, root = document) => root.querySelector(selector);
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const input = (row) => find("[data-value]", row);
  const waits = (row) => ["open", "wrong"].includes(row.dataset.outcome) && row.dataset.sending !== "sending" && input(row);
  const enough = 4;
  const done = [];
  let line = Promise.resolve();
  let asking = false;
  let again = false;
  let ahead = false;

  function say(words) {
    const live = document.getElementById("live");
    live.textContent = words;
    live.hidden = !words;
  }

  function mark(row, state) {
    row.querySelectorAll("[data-when]").forEach((part) => { part.hidden = part.dataset.when !== state; });
    row.dataset.sending = state;
  }

  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

  async function post(form, body) {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    const onward = answer.headers.get("HX-Redirect");
    if (onward) location.assign(onward);
    return [answer, parsed(await answer.text())];
  }

  /* ---- rows ---- */
  function send(row, act) {
    const body = new FormData(row);
    body.set("do", act);
    mark(row, "sending");
    line = line.then(() => put(row.id, body, act, body.get("value")));
  }

  async function put(id, body, act, sent) {
    const row = document.getElementById(id);
    const version = find("[name=version]", row);
    if (version && act !== "undo") body.set("version", version.value); // it may have been saved since
    try {
      const [answer, page] = await post(row, body);
      const fresh = find("[data-row]", page);
      if (!fresh) {
        mark(row, "unsent");
        say(page.body.textContent.trim() || document.body.dataset.failed);
        return;
      }
      swap(row, fresh, sent);
      tell(fresh);
      if (answer.ok && act !== "undo") done.push(id);
      if (act === "undo") (input(fresh) || fresh).focus();
      count();
      more();
    } catch {
      mark(row, "unsent");
      say(document.body.dataset.unsent);
    }
  }

  /* The row as the server has it; what was typed on meanwhile stays. */
  function swap(row, fresh, sent) {
    const here = row.contains(document.activeElement);
    const typed = input(row) && input(row).value;
    row.replaceWith(fresh);
    if (!here) return;
    const field = input(fresh);
    if (field && typed !== null && typed !== sent) field.value = typed;
    if (field) field.focus();
  }

  function tell(row) {
    const words = [...row.querySelectorAll(".error")].map((part) => part.textContent.trim());
    if (words.length) find("[data-said]").textContent = `${row.dataset.name} ${words.join(" ")}`;
  }

  /* What the input begins with is typed over unless one moves inside it first. */
  function enter(field) {
    field.focus();
    if (field.matches("input")) field.select();
  }

  function go(row, step, open) {
    const all = rows();
    let at = all.indexOf(row) + step;
    while (all[at] && !(open ? waits(all[at]) : input(all[at]) || find("button", all[at]))) at += step;
    const to = all[at];
    ahead = !to && step > 0 && open; // the fingers are faster than the next rows
    if (!to) return;
    const field = input(to) || find("button", to);
    enter(field);
    to.scrollIntoView({ block: "nearest" });
  }

  function save(row) {
    const field = input(row);
    if (!field) return;
    const saved = row.dataset.outcome === "accepted" && row.dataset.sending !== "unsent";
    const same = field.value === kept(field);
    const empty = !field.value.trim() && !("cleared" in row.dataset);
    if (!empty && !(saved && same)) send(row, "save");
    go(row, 1, true);
  }

  const kept = (field) => (field.matches("select")
    ? (find("option[selected]", field) || { value: "" }).value : field.defaultValue);

  /* ---- more rows before the old ones run out ---- */
  async function more() {
    const form = find("[data-more]");
    const left = [...document.querySelectorAll("[data-left]")].pop();
    const waiting = rows().filter(waits).length;
    again = asking;
    if (asking || !form || !left || waiting >= enough || (left.dataset.left === "0" && waiting > 0)) return;
    asking = true;
    try {
      const [, page] = await post(form, new FormData(form));
      const list = find("[data-rows]");
      page.querySelectorAll("[data-row]").forEach((row) => {
        if (!document.getElementById(row.id)) list.append(row);
      });
      const ready = find("[data-done]", page);
      if (ready) find("[data-ready]").replaceWith(ready.content.querySelector("[data-ready]"));
      const now = find("[data-left]", page);
      if (now) left.replaceWith(now);
      if (now && now.dataset.left === "0") form.hidden = true;
      count();
      if (ahead || document.activeElement === document.body) first();
    } catch {
      say(document.body.dataset.unsent);
    } finally {
      asking = false;
      if (again) more();
    }
  }

  function count() {
    const words = find("[data-count]");
    const here = document.activeElement.closest && document.activeElement.closest("[data-row]");
    const all = rows();
    if (!words || !here) return;
    words.textContent = words.dataset.words.replace("{n}", all.indexOf(here) + 1).replace("{all}", all.length);
  }

  function first() {
    const row = rows().find(waits);
    if (row) enter(input(row));
    ahead = false;
  }

  /* ---- the whole page beside ---- */
  let waiting = 0;

  function beside(row) {
    const aside = find("[data-page-beside]");
    if (!aside || aside.dataset.shut) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const picture = find("img", aside);
      const spot = find("rect", aside);
      find("[data-whose]", aside).textContent = row.dataset.name || "";
      aside.hidden = !row.dataset.page;
      if (!row.dataset.page) return;
      if (picture.getAttribute("src") !== row.dataset.page) picture.src = row.dataset.page;
      picture.hidden = false;
      const [x, y, width, height] = (row.dataset.spot || "0 0 0 0").split(" ");
      Object.entries({ x, y, width, height }).forEach(([name, value]) => spot.setAttribute(name, value));
    }, 250);
  }

  function fold() {
    const aside = find("[data-page-beside]");
    if (!aside) return;
    const shut = !aside.dataset.shut;
    aside.dataset.shut = shut ? "1" : "";
    aside.hidden = shut;
    find("[data-column]").classList.toggle("alone", shut);
    const row = document.activeElement.closest("[data-row]");
    if (!shut && row) beside(row);
  }

  /* ---- letters choose a code, letters and digits a place ---- */
  let letters = "";
  let forget = 0;

  function choose(list, key) {
    clearTimeout(forget);
    forget = setTimeout(() => { letters = ""; }, 1500);
    const fits = (text) => [...list.options].find((option) => option.value.toLowerCase().startsWith(text)
      || (option.dataset.keys || "").split(" ").some((word) => word.startsWith(text)));
    letters += key.toLowerCase();
    const found = fits(letters) || fits(letters = key.toLowerCase());
    if (found) list.value = found.value;
  }

  let looking = 0;
  const offers = () => find(".offers");
  const active = () => find(".offers [aria-selected=true]");

  function shut() {
    clearTimeout(looking);
    looking = 0;
    if (offers()) offers().remove();
  }

  function look(field) {
    clearTimeout(looking);
    looking = setTimeout(async () => {
      const body = new FormData();
      body.set("csrf_token", find("[name=csrf_token]", field.form).value);
      body.set("q", field.value);
      const address = find("[data-column]").dataset.places;
      const answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
      const list = find(".offers", parsed(await answer.text()));
      if (offers()) offers().remove();
      if (list && looking && document.activeElement === field && field.value.trim()) field.parentElement.append(list);
      looking = 0;
    }, 120);
  }

  function step(by) {
    const all = [...document.querySelectorAll(".offers [data-offer]")];
    const at = Math.min(all.length - 1, Math.max(0, all.indexOf(active()) + by));
    all.forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
  }

  function take(field) {
    if (active()) field.value = active().dataset.offer;
    shut();
  }

  /* ---- keys ---- */
  /* The last one saved; what is still on its way is saved first. */
  function undo() {
    line = line.then(() => {
      const id = done.pop();
      const row = id && document.getElementById(id);
      if (!row) return undefined;
      const body = new FormData(row);
      body.set("do", "undo");
      return put(row.id, body, "undo", body.get("value"));
    });
    return true;
  }

  function press(event, row, field) {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const open = Boolean(offers());
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
      const typing = field && field.matches("input") && row.contains(field) && waits(row) && field.value !== kept(field);
      return !typing && undo();
    }
    if (!plain) return false;
    switch (event.key) {
      case "Enter":
        if (!field || event.target !== field) return false;
        if (open) take(field);
        save(row);
        return true;
      case "ArrowDown":
      case "ArrowUp": {
        const by = event.key === "ArrowDown" ? 1 : -1;
        if (open) step(by);
        else go(row, by, false);
        return true;
      }
      case "Escape":
        shut();
        return open;
      case "F2":
      case "F8":
        if (!waits(row)) return true;
        send(row, event.key === "F2" ? "unclear" : "nothing");
        go(row, 1, true);
        return true;
      case "F4":
        fold();
        return true;
      default:
        if (!field || !field.matches("[data-letters]") || !/^[a-z0-9]$/i.test(event.key)) return false;
        choose(field, event.key);
        return true;
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || !find("[data-column]")) return;
    const row = event.target.closest("[data-row]");
    if (!row && !(event.ctrlKey && event.key === "z")) return;
    if (press(event, row || rows()[0], row && input(row))) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row) return;
    event.preventDefault();
    const act = (event.submitter && event.submitter.value) || "save";
    if (act === "save") save(row);
    else send(row, act);
    if (act === "unclear" || act === "nothing") go(row, 1, true);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-places]")) look(event.target);
  });
  document.addEventListener("mousedown", (event) => {
    const offer = event.target.closest("[data-offer]");
    if (!offer) return;
    event.preventDefault();
    const field = input(offer.closest("[data-row]"));
    field.value = offer.dataset.offer;
    shut();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    letters = "";
    if (offers() && !(row && row.contains(offers()))) shut();
    if (!row) return;
    count();
    beside(row);
  });
  document.addEventListener("DOMContentLoaded", () => {
    if (!find("[data-column]")) return;
    if (!location.hash) first();
    count();
  });
})();
