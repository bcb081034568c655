/* The operators' desk: figures that move while a campaign goes out, and forms that are sent once. Every page works without it. */
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", () => setTimeout(() => form.querySelectorAll("button").forEach(button => { button.disabled = true; })));
  }
  const trying = document.querySelector("form[data-try]");
  if (trying) {
    let soon = 0;
    const show = () => {
      const tried = new URLSearchParams(new FormData(trying));
      for (const frame of document.querySelectorAll(".frames iframe")) {
        tried.set("as", new URL(frame.src).searchParams.get("as"));
        frame.src = `${trying.action}/preview?${tried}`;
      }
    };
    trying.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(show, 400); });
  }
  const live = document.querySelector("[data-live]");
  if (!live || !window.EventSource) return;
  const source = new EventSource(live.dataset.live);
  source.addEventListener("sight", event => { live.innerHTML = event.data; }); // our own template, escaped there
  source.addEventListener("over", () => { source.close(); location.reload(); });
  source.addEventListener("trouble", () => source.close());
  document.addEventListener("submit", () => source.close()); // else it would load the page while a button's answer is on its way
  addEventListener("pagehide", () => source.close());
})();
