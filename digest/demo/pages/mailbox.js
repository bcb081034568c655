// Looks for new mail every two seconds and puts the new list in place; the mail being read stays as it is.
const refresh = async () => {
  const latest = await (await fetch("/latest", { cache: "no-store" })).text();
  if (latest === document.body.dataset.latest) return;
  const page = await (await fetch(location.href, { cache: "no-store" })).text();
  const list = new DOMParser().parseFromString(page, "text/html").getElementById("mails");
  document.getElementById("mails").replaceWith(list);
  document.body.dataset.latest = latest;
};
setInterval(() => refresh().catch(() => {}), 2000); // the demo has ended: keep what is shown
