// Keeps the wall fresh: fetches this very page every few seconds and takes over what has changed.
// The server's templates stay the only place where markup is made; what they escape stays escaped.
import { Chart } from "./chart.js";

const PERIOD_MS = 5000;
const PATIENCE_MS = 10000;
const connection = document.getElementById("connection");
const chart = new Chart(document.getElementById("plot"));
let lostSince = null;

function takeOver(fresh) {
  const focused = document.activeElement?.getAttribute("href");
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (!now || now.innerHTML === old.innerHTML) continue;
    const held = old.contains(document.activeElement) ? focused : null;
    old.replaceChildren(...document.adoptNode(now).childNodes);
    if (held) old.querySelector(`[href="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }
  document.title = fresh.title;
}

async function get(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer;
}

async function drawChosen() {
  const { topic, target, days } = document.getElementById("chosen").dataset;
  const answer = await get(`/api/v1/streams/series?${new URLSearchParams({ topic, target, days })}`);
  const series = await answer.json();
  chart.show(series, Number(days));
  document.getElementById("key-share").textContent = `share, last ${series.window_hours} h`;
}

async function refresh() {
  const page = await (await get(location.href)).text();
  takeOver(new DOMParser().parseFromString(page, "text/html"));
  await drawChosen();
}

function say(text) {
  if (connection.textContent !== text) connection.textContent = text;
  connection.hidden = !text;
  document.body.classList.toggle("stale", Boolean(text));
}

async function attempt(step) {
  try {
    await step();
    lostSince = null;
    say("");
  } catch {
    lostSince ??= new Date();
    say(`Connection lost since ${lostSince.toISOString().slice(11, 19)} UTC. What stands here is from before.`);
  }
}

async function choose(link) {
  history.replaceState(null, "", link.href);
  await attempt(refresh);
}

document.addEventListener("click", (click) => {
  const row = click.target.closest(".streams tbody tr");
  const link = click.target.closest("[data-choose]") ?? row?.querySelector("[data-choose]");
  if (!link || click.metaKey || click.ctrlKey || click.shiftKey) return;
  click.preventDefault();
  choose(link);
});

async function keepFresh() {
  await attempt(refresh);
  setTimeout(keepFresh, PERIOD_MS);
}

await attempt(drawChosen);
setTimeout(keepFresh, PERIOD_MS);
