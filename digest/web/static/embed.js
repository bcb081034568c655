/* Sign-up forms, ours and those in other sites' pages: solves a puzzle while somebody types, and in a box answers in its place.
   It depends on nothing, keeps nothing, and where it cannot run the forms work without it. */
(() => {
  "use strict";
  const QUICKEST = 2200; // milliseconds: nobody fills in a form in less, and the server knows
  const FRESH = 50 * 60 * 1000; // a puzzle is taken for an hour
  const AT_ONCE = 8;

  const fromHex = text => Uint8Array.from(text.match(/../g), pair => parseInt(pair, 16));
  const toHex = buffer => Array.from(new Uint8Array(buffer), byte => byte.toString(16).padStart(2, "0")).join("");
  const pause = milliseconds => new Promise(done => setTimeout(done, milliseconds));

  /* ALTCHA, version 2, with PBKDF2: a number with which the derived key begins as it is asked for. */
  const derive = async (asked, counter) => {
    const nonce = fromHex(asked.nonce), password = new Uint8Array(nonce.length + 4);
    password.set(nonce);
    new DataView(password.buffer).setUint32(nonce.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: asked.algorithm.split("/")[1], salt: fromHex(asked.salt), iterations: asked.cost };
    return toHex(await crypto.subtle.deriveBits(how, key, asked.keyLength * 8));
  };

  const solve = async challenge => {
    const asked = challenge.parameters;
    for (let first = 0; ; first += AT_ONCE) {
      const numbers = Array.from({ length: AT_ONCE }, (_, index) => first + index);
      const keys = await Promise.all(numbers.map(counter => derive(asked, counter)));
      const found = keys.findIndex(key => key.startsWith(asked.keyPrefix));
      if (found >= 0) return btoa(JSON.stringify({ challenge, solution: { counter: first + found, derivedKey: keys[found] } }));
    }
  };

  const prepare = form => {
    const { digest: kind, api, wait } = form.dataset;
    const button = form.querySelector("button"), words = button.textContent;
    let work = null, busy = false;

    const chosen = () => Array.from(form.querySelectorAll("[name=list]"))
      .filter(input => input.type === "hidden" || input.checked).map(input => input.value);
    const formName = () => form.dataset.form || (chosen().length === 1 ? chosen()[0] : "");

    const fetchAndSolve = async name => {
      const response = await fetch(`${api}/challenge?form=${encodeURIComponent(name)}`, { credentials: "omit" });
      return response.ok ? solve(await response.json()) : "";
    };
    /* "" where there is no solution to be had, such as in a page without TLS: the server then is stricter. */
    const start = () => {
      const name = formName();
      if (work && work.name === name && Date.now() - work.at < FRESH) return work;
      const solution = window.crypto && crypto.subtle ? fetchAndSolve(name).catch(() => "") : Promise.resolve("");
      return (work = { name, at: Date.now(), solution });
    };
    const solved = async () => {
      const { at, solution } = start();
      const text = await solution;
      if (text) await pause(QUICKEST - (Date.now() - at));
      return text;
    };

    const hold = () => { busy = true; button.setAttribute("aria-disabled", "true"); button.textContent = wait; };
    const release = () => { busy = false; work = null; button.removeAttribute("aria-disabled"); button.textContent = words; };

    const sendPage = async () => {
      let field = form.querySelector("[name=altcha]");
      if (!field) {
        field = document.createElement("input");
        field.type = "hidden";
        field.name = "altcha";
        form.append(field);
      }
      field.value = await solved();
      form.submit();
    };

    const sendBlock = async () => {
      const answer = form.querySelector("[role=status]"), text = name => form.querySelector(`[name=${name}]`)?.value || "";
      answer.textContent = wait;
      try {
        const body = { email: text("email"), lists: chosen(), leave_empty: text("leave_empty"), language: form.lang, altcha: await solved() };
        const response = await fetch(`${api}/subscribe?lang=${form.lang}`, {
          method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
        });
        const said = await response.json();
        answer.textContent = said.detail;
        if (response.ok) form.querySelectorAll(".digest-sign-up-fields, .digest-sign-up-list").forEach(part => part.remove());
        release();
      } catch {
        form.submit(); // this page may not ask another host: ours can
      }
    };

    form.addEventListener("submit", event => {
      event.preventDefault();
      if (busy) return; // a second press
      hold();
      kind === "block" ? sendBlock() : sendPage();
    });
    addEventListener("pageshow", event => { if (event.persisted) release(); }); // back from the answer
    form.addEventListener("focusin", start, { once: true });
    if ("now" in form.dataset) start();

    const zones = form.querySelector("[data-zone]"), zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zones && zone && !form.querySelector("[aria-invalid]")) {
      if (!Array.from(zones.options).some(option => option.value === zone)) zones.add(new Option(zone.replaceAll("_", " "), zone));
      zones.value = zone;
    }
  };

  const begin = () => document.querySelectorAll("form[data-digest]:not([data-taken])").forEach(form => {
    form.dataset.taken = "";
    prepare(form);
  });
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", begin) : begin();
})();
