/* The registration code: slips of the hand are told before anything is sent, and where many are typing at once this
   browser works a little for its try while the family types; so it does at a sign-in where many passwords were wrong.
   The page works without it. */
(() => {
  "use strict";

  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const LENGTH = 16;
  const SLICE = 25; // milliseconds of work before the page gets its turn
  const FIRST = 1e11; // all numbers have twelve digits: three words of a block
  const find = (selector, root = document) => root.querySelector(selector);

  /* --- the check symbol, as rules/numbers.py has it --- */
  function product(a, b) {
    let result = 0;
    for (; b; b >>= 1) {
      if (b & 1) result ^= a;
      a <<= 1;
      if (a & 32) a ^= 37;
    }
    return result;
  }

  function isWhole(code) {
    let total = 0;
    let power = 1;
    for (const sign of code.slice(0, -1)) {
      power = product(power, 2);
      total ^= product(power, ALPHABET.indexOf(sign));
    }
    return ALPHABET[total] === code.slice(-1);
  }

  function normal(typed) {
    return typed.slice(0, 200).normalize("NFKC").toUpperCase()
      .replace(/[\s.·•・。−_\p{Cf}\p{Pd}]/gu, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  }

  /* What is wrong with a typed code, in the form's own words; nothing for a code that only the server can judge. */
  function slip(form, typed) {
    const code = normal(typed);
    const say = (name, value) => (form.dataset[name] || "").replace(/%\(\w+\)s/, value);
    const strange = [...code].find((sign) => !ALPHABET.includes(sign));
    if (strange) return say("slipSign", strange);
    if (code[0] === "D" && code.length === 9) return say("slipOther");
    if (code && code[0] !== "R") return say("slipKind");
    if (code.length !== LENGTH) return say("slipCount", code.length);
    return isWhole(code) ? "" : say("slipCheck");
  }

  function tell(form, words) {
    const box = find("[data-slip]", form);
    const field = find("[name=code]", form);
    box.hidden = !words;
    find("span", box).textContent = words;
    const old = find("#code-error", form);
    if (old) old.remove();
    field.toggleAttribute("aria-invalid", Boolean(words));
    if (!words) return;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", `code-hint ${box.id}`);
    field.focus();
  }

  /* --- SHA-256 of one ticket (a whole block) and twelve digits --- */
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const part = (root) => (root - Math.floor(root)) * 4294967296 | 0;
  const K = Int32Array.from(primes, (p) => part(Math.cbrt(p)));
  const START = Int32Array.from(primes.slice(0, 8), (p) => part(Math.sqrt(p)));
  const W = new Int32Array(64);
  const FOUR = Int32Array.from({ length: 10000 }, (_, n) => word(String(n).padStart(4, "0")));

  function word(four) {
    return four.charCodeAt(0) << 24 | four.charCodeAt(1) << 16 | four.charCodeAt(2) << 8 | four.charCodeAt(3);
  }

  /* One block in W after `from`: its eight words are added into `into`, or only the first is returned. */
  function block(from, into) {
    for (let i = 16; i < 64; i += 1) {
      const x = W[i - 15];
      const y = W[i - 2];
      W[i] = W[i - 16] + W[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3)
        + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10) | 0;
    }
    let a = from[0];
    let b = from[1];
    let c = from[2];
    let d = from[3];
    let e = from[4];
    let f = from[5];
    let g = from[6];
    let h = from[7];
    for (let i = 0; i < 64; i += 1) {
      const t = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + W[i] | 0;
      const u = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + t | 0; d = c; c = b; b = a; a = t + u | 0;
    }
    if (into) [a, b, c, d, e, f, g, h].forEach((value, i) => { into[i] = from[i] + value | 0; });
    return from[0] + a | 0;
  }

  function begun(ticket) {
    const state = new Int32Array(8);
    for (let i = 0; i < 16; i += 1) W[i] = word(ticket.slice(4 * i, 4 * i + 4));
    block(START, state);
    return state;
  }

  /* Works in slices; calls `done` with the answer and `step` after each slice with how many numbers were tried. */
  function work(ticket, step, done) {
    const bits = Number(ticket.slice(8, 10));
    const state = begun(ticket);
    const turn = new MessageChannel();
    let head = FIRST / 1e4;
    turn.port1.onmessage = () => {
      const until = performance.now() + SLICE;
      do {
        const digits = String(head);
        W[0] = word(digits.slice(0, 4));
        W[1] = word(digits.slice(4, 8));
        W[3] = -2147483648; // one bit, then nothing, then the length: 64 and 12 bytes
        W.fill(0, 4, 15);
        W[15] = 608;
        for (let tail = 0; tail < 1e4; tail += 1) {
          W[2] = FOUR[tail];
          if (block(state, null) >>> 32 - bits === 0) {
            done(String(head * 1e4 + tail));
            return;
          }
        }
        head += 1;
      } while (performance.now() < until);
      step((head - FIRST / 1e4) * 1e4, 2 ** bits);
      turn.port2.postMessage(0);
    };
    turn.port2.postMessage(0);
  }

  function startWork(form) {
    const ticket = find("[name=ticket]", form);
    const box = find("[data-waiting]", form);
    const since = performance.now();
    let waiting = 0;
    work(ticket.value, (tried, usual) => {
      if (!waiting) return;
      const rate = tried / (performance.now() - since);
      find("progress", box).value = 1 - Math.exp(-tried / usual);
      find("[data-seconds]", box).textContent = box.dataset.words
        .replace("%(waited)s", Math.round((performance.now() - waiting) / 1000))
        .replace("%(usual)s", Math.ceil(3 * usual / rate / 1000));
    }, (answer) => {
      find("[name=work]", form).value = answer;
      if (waiting) form.submit();
    });
    return () => {
      waiting = waiting || performance.now();
      box.hidden = false;
      find("button[type=submit]", form).disabled = true;
    };
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = find("[data-code-form], [data-work-form]");
    const ticket = form && find("[name=ticket]", form);
    if (!form) return;
    const wait = ticket && !find("[name=work]", form).value ? startWork(form) : null;
    if (wait && "goesOn" in form.dataset) wait();
    form.addEventListener("submit", (event) => {
      const code = "codeForm" in form.dataset ? find("[name=code]", form) : null;
      const words = code ? slip(form, code.value) : "";
      if (code) tell(form, words);
      if (words) event.preventDefault();
      else if (wait && "needed" in form.dataset && !find("[name=work]", form).value) {
        event.preventDefault();
        wait();
      }
    });
  });
})();
