/* Taking a photo of the sheet: camera at once, made smaller, sent with progress, sent again by itself after a cut or
   while the server is busy. The pages work without it. The photo stays with this browser until the server has given its
   receipt, also when the page is closed; the same bytes sent twice give the same receipt. */
(() => {
  "use strict";

  const LONGEST = 2400; // a sheet that fills two thirds of the picture still has 5 pixels per millimetre
  const QUALITY = 0.86;
  const PATIENCE = 180000;
  const EVERY = 2000; // then less and less often, up to SELDOM: on a busy evening a thousand phones ask
  const SELDOM = 20000;
  const MOST = 20000000;
  const find = (selector, root = document) => root.querySelector(selector);
  const AGAIN = 3000; // after a cut, then twice as long each time, up to LATEST
  const LATEST = 60000;
  const DAY = 86400000;
  let photo = null;
  let form = null;
  let pause = EVERY;
  let next = AGAIN;
  let timer = 0;
  let busy = false;

  function show(state, words = "") {
    const box = find("#sending");
    box.hidden = false;
    document.querySelectorAll("[data-camera]").forEach((part) => { part.hidden = !box.contains(part); });
    box.querySelectorAll("[data-when]").forEach((part) => { part.hidden = part.dataset.when !== state; });
    if (words) find("[data-words]", box).textContent = words;
    if (state === "sending") find("progress", box).removeAttribute("value");
    box.scrollIntoView({ block: "nearest" });
    if (state !== "sending") box.focus();
  }

  /* A smaller JPEG where this browser can read the picture, else the picture as it is. */
  async function smaller(file) {
    try {
      const picture = await createImageBitmap(file);
      const scale = LONGEST / Math.max(picture.width, picture.height);
      if (scale >= 1) return file;
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.imageSmoothingQuality = "high";
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const made = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
      return made && made.size < file.size ? made : file;
    } catch {
      return file;
    }
  }

  window.smallerPhoto = smaller; // for pile.js

  /* The browser's own store: photos by the digest of the address they go to. Resolves with undefined where there is
     none (private windows, old browsers): then a photo lives as long as its page. */
  function store(mode, act) {
    return new Promise((done) => {
      const asked = indexedDB.open("unsent", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("photos");
      asked.onerror = () => done(undefined);
      asked.onsuccess = () => {
        const base = asked.result;
        const turn = base.transaction("photos", mode);
        const request = act(turn.objectStore("photos"));
        turn.oncomplete = () => { base.close(); done(request.result); };
        turn.onabort = () => { base.close(); done(undefined); };
      };
    }).catch(() => undefined);
  }

  async function place(of) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(new URL(of.action).pathname));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function keep() {
    if (!("keep" in form.dataset)) return;
    try {
      const kept = { photo, at: Date.now() };
      const name = await place(form);
      await store("readwrite", (photos) => photos.put(kept, name));
    } catch {
      /* it lives as long as this page */
    }
  }

  async function forget() {
    photo = null;
    clearTimeout(timer);
    try {
      const name = await place(form);
      await store("readwrite", (photos) => photos.delete(name));
    } catch {
      /* nothing was kept */
    }
  }

  /* What a closed page has left unsent goes out now; what has waited for more than a day is thrown away. */
  async function restore() {
    const found = find("form[data-keep]");
    if (!found) return;
    try {
      const name = await place(found);
      const kept = await store("readonly", (photos) => photos.get(name));
      if (!kept || photo || busy) return;
      form = found;
      if (Date.now() - kept.at > DAY) {
        forget();
        return;
      }
      photo = kept.photo;
      send();
    } catch {
      /* nothing was kept */
    }
  }

  function unsent() {
    show("unsent");
    clearTimeout(timer);
    timer = setTimeout(send, next * (0.8 + 0.4 * Math.random())); // not a thousand phones in the same second
    next = Math.min(LATEST, next * 2);
  }

  async function answered(request) {
    const address = request.getResponseHeader("HX-Redirect");
    if (address) {
      await forget();
      location.assign(address);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const words = find("[data-errors] li, .notice p", page);
    if (request.status >= 500 || request.status === 429 || !words) {
      unsent();
      return;
    }
    await forget();
    show("refused", words.textContent.trim());
  }

  function send() {
    if (busy || !photo) return;
    busy = true;
    clearTimeout(timer);
    const body = new FormData(form);
    body.set("photo", photo, "photo");
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.timeout = PATIENCE;
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) find("#sending progress").value = 100 * event.loaded / event.total;
    };
    request.onload = () => { busy = false; answered(request); };
    request.onerror = request.ontimeout = () => { busy = false; unsent(); };
    show("sending");
    request.send(body);
  }

  async function chosen(input) {
    if (!input.files.length) return;
    form = input.form;
    show("sending");
    photo = await smaller(input.files[0]);
    input.value = "";
    next = AGAIN;
    if (photo.size > MOST) {
      photo = null;
      show("refused", find("#sending").dataset.tooLarge);
      return;
    }
    await keep();
    send();
  }

  document.addEventListener("click", (event) => {
    const camera = event.target.closest("[data-camera]");
    if (camera) {
      event.preventDefault();
      const input = find("input[type=file]", find(camera.dataset.camera));
      input.toggleAttribute("capture", !("gallery" in camera.dataset));
      if (input.hasAttribute("capture")) input.setAttribute("capture", "environment");
      input.click();
    }
    if (event.target.closest("[data-again]")) send();
  });
  window.addEventListener("online", send);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-photo] input[type=file]")) chosen(event.target);
  });

  /* A photo that is still being read: ask every two seconds for that part of the page, without keeping anybody
     signed in by it. */
  async function askAgain() {
    const part = find("[data-ask-again]");
    if (!part) return;
    try {
      const answer = await fetch(part.dataset.askAgain, { headers: { "HX-Request": "true", "X-Polling": "true" } });
      if (answer.ok) {
        const id = part.id;
        part.outerHTML = await answer.text();
        const fresh = document.getElementById(id);
        fresh.dispatchEvent(new CustomEvent("htmx:afterSwap", { bubbles: true }));
        const heading = find("h1", fresh);
        if (heading) document.title = heading.textContent;
      }
    } catch {
      /* no connection now; asked again below */
    }
    pause = Math.min(SELDOM, pause * 1.25);
    if (find("[data-ask-again]")) setTimeout(askAgain, pause);
    else if ("reload" in part.dataset) location.reload();
  }

  /* The code behind # fills its field and leaves the address bar. */
  document.addEventListener("DOMContentLoaded", () => {
    setTimeout(askAgain, EVERY);
    restore();
    const field = find("[data-from-fragment]");
    if (!field || location.hash.length < 2) return;
    field.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  });
})();
