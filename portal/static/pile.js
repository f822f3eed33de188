/* A pile of photos: made smaller, sent one after the other with progress, and after a cut from the first that was not
   acknowledged; the same bytes sent twice give the same receipt. The pages work without it. */
(() => {
  "use strict";

  const PATIENCE = 180000;
  const find = (selector, root = document) => root.querySelector(selector);
  let form = null;
  let files = [];
  let next = 0;
  let result = "";
  let refused = [];
  let busy = false;

  const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function show(state, words = "") {
    const box = find("#piling");
    const changed = find(`[data-when="${state}"]`, box).hidden;
    box.hidden = false;
    document.querySelectorAll("[data-pick], [data-pile]").forEach((part) => { part.hidden = true; });
    box.querySelectorAll("[data-when]").forEach((part) => { part.hidden = part.dataset.when !== state; });
    const line = find(`[data-when="${state}"] [data-words]`, box);
    if (line) line.textContent = words;
    if (changed) box.focus();
  }

  /* One request; resolves with the answer, rejects when there was none or the server is away. */
  function post(address, file) {
    return new Promise((done, failed) => {
      const body = new FormData();
      body.set("csrf_token", find("[name=csrf_token]", form).value);
      if (file) body.set("photo", file, "photo");
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("HX-Request", "true");
      request.timeout = PATIENCE;
      request.onload = () => (request.status >= 500 || request.status === 429 ? failed() : done(request));
      request.onerror = request.ontimeout = failed;
      request.send(body);
    });
  }

  const sentence = (request) =>
    new DOMParser().parseFromString(request.responseText, "text/html").body.textContent.trim();

  async function open() {
    if (form.dataset.result) result = form.dataset.result;
    if (result) return;
    const answer = await post(form.action);
    const address = answer.getResponseHeader("HX-Redirect") || "";
    if (!address.includes("/pile/")) {
      refused.push([0, sentence(answer)]);
      next = files.length;
    }
    result = address;
  }

  async function send() {
    const box = find("#piling");
    busy = true;
    try {
      show("sending", filled(box.dataset.count, { n: next + 1, all: files.length }));
      await open();
      for (; next < files.length; next += 1) {
        show("sending", filled(box.dataset.count, { n: next + 1, all: files.length }));
        find("progress", box).value = 100 * next / files.length;
        const file = await window.smallerPhoto(files[next]);
        if (file.size > box.dataset.most * 1e6) { // the proxy would cut it off without a word
          refused.push([next + 1, box.dataset.tooLarge]);
          continue;
        }
        const answer = await post(`${result}/photos`, file);
        const signIn = answer.getResponseHeader("HX-Redirect");
        if (signIn && !signIn.startsWith(result)) throw new Error("signed out");
        if (answer.status >= 400) refused.push([next + 1, sentence(answer)]);
      }
      finish();
    } catch {
      show("unsent", filled(box.dataset.left, { n: files.length - next }));
    }
    busy = false;
  }

  function finish() {
    busy = false;
    if (!refused.length) {
      location.assign(result);
      return;
    }
    const box = find("#piling");
    const list = find("[data-refused]", box);
    list.replaceChildren(...refused.map(([nth, words]) => {
      const line = document.createElement("li");
      line.textContent = (nth ? filled(box.dataset.nth, { n: nth }) : "") + words;
      return line;
    }));
    const onward = find("[data-finish]", box);
    onward.href = result || location.href;
    show("refused");
  }

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches("[data-pile] input[type=file]") || !input.files.length) return;
    [form, files, next, refused] = [input.form, [...input.files], 0, []];
    send();
  });
  document.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-pick]");
    if (pick) {
      event.preventDefault();
      find("input[type=file]", find(pick.dataset.pick)).click();
    }
    if (event.target.closest("[data-onward]")) send();
  });
  window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
})();
