// The share of one stream over time, against what is usual, over the number of stories.
// Times are shown in UTC. uPlot (static/uplot-LICENSE.txt) is loaded before this as a plain script.
const { uPlot } = window;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const seconds = (time) => Date.parse(time) / 1000;
const percent = (share) => (share == null ? "–" : `${Math.round(100 * share)} %`);
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function moment(at) {
  const utc = new Date(at * 1000);
  return `${utc.getUTCDate()} ${MONTHS[utc.getUTCMonth()]} ${utc.toISOString().slice(11, 16)}`;
}

function ticks(_plot, splits, _axis, _space, step) {
  return splits.map((at, i) => {
    const utc = new Date(at * 1000);
    const day = `${utc.getUTCDate()} ${MONTHS[utc.getUTCMonth()]}`;
    if (step >= 86400) return day;
    const time = utc.toISOString().slice(11, 16);
    return i === 0 || time === "00:00" ? `${time}\n${day}` : time;
  });
}

export class Chart {
  constructor(place) {
    this.place = place;
    this.reading = Object.assign(document.createElement("div"), { className: "reading", hidden: true });
    place.append(this.reading);
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.rebuild());
  }

  show(series, days) {
    const sameStream = this.series?.topic === series.topic && this.series?.target === series.target;
    const same = sameStream && this.days === days && this.plot;
    Object.assign(this, { series, days });
    if (same) this.plot.setData(this.columns());
    else this.rebuild();
    const last = (list) => list[list.length - 1];
    this.place.setAttribute("aria-label", `Negative share of ${series.name}: now ${percent(last(series.share))}, usual ${percent(last(series.baseline))}`);
  }

  rebuild() {
    if (!this.series) return;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(), this.columns(), this.place);
  }

  size() {
    return { width: this.place.clientWidth, height: this.place.clientHeight };
  }

  columns() {
    const { start, stories, share, baseline } = this.series;
    return [start.map(seconds), stories, share, baseline];
  }

  options() {
    const soft = colour("--soft");
    const axis = { stroke: soft, font: `12px ${getComputedStyle(this.place).fontFamily}`, ticks: { show: false } };
    return {
      ...this.size(),
      padding: [10, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      scales: {
        x: { time: true },
        share: { range: (_p, _min, max) => [0, Math.min(1, Math.max(0.5, max * 1.1))] },
        count: { range: (_p, _min, max) => [0, Math.max(4, max) * 2.6] },
      },
      axes: [
        { ...axis, grid: { show: false }, values: ticks, space: 70, size: 36 },
        { ...axis, scale: "share", size: 46, incrs: [0.1, 0.2, 0.25, 0.5], space: 30, grid: { stroke: colour("--line"), width: 1 }, values: (_p, splits) => splits.map(percent) },
      ],
      series: [
        {},
        { scale: "count", stroke: "transparent", fill: colour("--volume"), paths: uPlot.paths.bars({ size: [0.8, 60], align: 1 }), points: { show: false } },
        { scale: "share", stroke: colour("--ink"), width: 1.75, points: { show: false } },
        { scale: "share", stroke: soft, width: 1.5, dash: [5, 4], points: { show: false } },
      ],
      // Where the share stands above what is usual, the space between them is filled.
      bands: [{ series: [2, 3], fill: colour("--rise"), dir: -1 }],
      hooks: { drawAxes: [(plot) => this.shade(plot)], draw: [() => this.drawn()], setCursor: [(plot) => this.read(plot)] },
    };
  }

  // Alert periods lie under the lines: a wash over their length, a rule at the onset.
  shade({ ctx, bbox, valToPos, scales }) {
    const clamp = (at) => Math.min(Math.max(valToPos(at, "x", true), bbox.left), bbox.left + bbox.width);
    for (const alert of this.series.alerts) {
      const until = alert.until ? seconds(alert.until) : scales.x.max;
      if (until <= scales.x.min) continue;
      const [left, right] = [clamp(seconds(alert.onset)), clamp(until)];
      ctx.fillStyle = colour("--shade");
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
      ctx.fillStyle = colour("--bad");
      ctx.fillRect(left, bbox.top, 2 * devicePixelRatio, bbox.height);
    }
  }

  drawn() {
    this.place.dataset.drawn = this.series.start.length;
  }

  read({ cursor: { idx } }) {
    this.reading.hidden = idx == null;
    if (idx == null) return;
    const { start, stories, negatives, share, baseline } = this.series;
    this.reading.textContent = `${moment(seconds(start[idx]))} UTC: ${percent(share[idx])}, usual ${percent(baseline[idx])}; this bin ${negatives[idx]} of ${stories[idx]}`;
  }
}
