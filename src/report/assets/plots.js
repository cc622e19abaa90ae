// The plots that move, by uPlot: a curve each, with a mark where the decision stands now and one
// where the stored rule stands. A click moves the threshold there. What stands still, and what is
// printed, is the SVG beside them.

const NICE_THRESHOLDS = [1e-5, 1e-4, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

function axis(more) {
  return Object.assign({
    stroke: () => colour("dim"),
    grid: { stroke: () => colour("grid"), width: 1 },
    ticks: { show: false },
    font: FONT,
    labelFont: FONT,
    labelSize: 16,
    labelGap: 0,
    gap: 4,
    size: 26,
  }, more);
}

// Ticks of a threshold axis, whose unit is the logit, as far apart as their words need.
function thresholdTicks(u) {
  const kept = [];
  const scale = u.scales.x;
  const room = u.over.clientWidth / (scale.max - scale.min);
  for (const threshold of [0.5, ...NICE_THRESHOLDS]) {
    const at = logit(threshold);
    if (at < scale.min || at > scale.max) continue;
    if (kept.every((other) => Math.abs(other - at) * room >= 42)) kept.push(at);
  }
  return kept.sort((a, b) => a - b);
}

function percentTicks(u, ticks) {
  return ticks.map((value) => formatFixed(100 * value, 0) + " %");
}

// Which curve is which: its points from the number of steps flagged, and its axes.
function kindsOfPlots(engine) {
  const share = { range: [0, 1] };
  const guessed = engine.support[engine.positive] / engine.total;
  const percent = (label) => axis({ label, values: percentTicks });
  const upright = (label) => axis({ label, values: percentTicks, size: 44 });
  return {
    cost: {
      x: (count) => (count > 0 ? logit(engine.steps.scores[count - 1]) : engine.highest),
      y: (count) => engine.costOfCount(count),
      mark: (point) => [logit(point.threshold), point.cost],
      scales: { x: { time: false }, y: { range: (u, low, high) => roomyRange(low, high) } },
      axes: [axis({ label: "threshold", splits: thresholdTicks,
                    values: (u, ticks) => ticks.map((x) => String(Number(sigmoid(x).toPrecision(3)))) }),
             axis({ label: "cost per 1000", size: 50,
                    values: (u, ticks) => ticks.map((y) => formatAmount(y)) })],
      stepped: true,
      falling: true,
    },
    pr: {
      x: (count) => engine.figures(count).recall,
      y: (count) => engine.figures(count).precision,
      mark: (point) => [point.recall, point.precision],
      scales: { x: Object.assign({ time: false }, share), y: share },
      axes: [percent("caught"), upright("precision")],
      guide: [guessed, guessed],
      stepped: true,
    },
    roc: {
      x: (count) => engine.figures(count).alarms,
      y: (count) => engine.figures(count).recall,
      mark: (point) => [point.alarms, point.recall],
      scales: { x: Object.assign({ time: false }, share), y: share },
      axes: [percent("false alarms among the others"), upright("caught")],
      guide: [0, 1],
    },
    gain: {
      x: (count) => engine.figures(count).flagged,
      y: (count) => engine.figures(count).recall,
      mark: (point) => [point.flagged, point.recall],
      scales: { x: Object.assign({ time: false }, share), y: share },
      axes: [percent("flagged"), upright("caught")],
      guide: [0, 1],
    },
  };
}

function roomyRange(low, high) {
  const from = Math.min(0, low);
  const to = Math.max(0, high);
  return [from - (from < 0 ? 0.05 * (to - from) : 0), to > from ? to + 0.07 * (to - from) : 1];
}

// A point with a line down to its axis, within the frame; a level line where no threshold decides.
function drawMark(u, x, y, name, dashed) {
  const { min, max } = u.scales.x;
  const level = isNaN(x);
  const left = u.valToPos(level ? min : Math.min(Math.max(x, min), max), "x", true);
  const top = u.valToPos(y, "y", true);
  const ratio = devicePixelRatio || 1;
  const { ctx, bbox } = u;
  if (!isFinite(left) || !isFinite(top)) return;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour(name);
  ctx.lineWidth = 1.5 * ratio;
  ctx.setLineDash(dashed ? [2 * ratio, 3 * ratio] : []);
  ctx.beginPath();
  if (level) {
    ctx.moveTo(bbox.left, top);
    ctx.lineTo(bbox.left + bbox.width, top);
  } else {
    ctx.moveTo(left, dashed ? bbox.top : top);
    ctx.lineTo(left, bbox.top + bbox.height);
  }
  ctx.stroke();
  if (!dashed && !level) {
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.arc(left, top, 5.5 * ratio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.lineWidth = 2 * ratio;
    ctx.strokeStyle = colour("paper");
    ctx.stroke();
  }
  ctx.restore();
}

// What guessing would have: dashed, from one corner to the other or level.
function drawGuide(u, from, to) {
  const ratio = devicePixelRatio || 1;
  const { ctx } = u;
  ctx.save();
  ctx.strokeStyle = colour("dim");
  ctx.lineWidth = 1.2 * ratio;
  ctx.setLineDash([5 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(u.valToPos(0, "x", true), u.valToPos(from, "y", true));
  ctx.lineTo(u.valToPos(1, "x", true), u.valToPos(to, "y", true));
  ctx.stroke();
  ctx.restore();
}

function sizeOf(box, wide) {
  const width = Math.max(240, Math.floor(box.clientWidth));
  return { width, height: wide ? Math.min(300, Math.max(220, Math.round(width * 0.42))) :
                                 Math.min(300, Math.round(width * 0.85)) };
}

// One plot in the place of its SVG. `marks()` gives what is decided now and by the stored rule.
function makePlot(box, kind, engine, marks, choose) {
  const wide = box.closest("figure").classList.contains("wide");
  const counts = Array.from({ length: engine.steps.n + 1 }, (_, i) => i);
  if (kind.falling) counts.reverse();
  const data = () => {
    const shown = counts.filter((count) => !isNaN(kind.y(count)) && !isNaN(kind.x(count)));
    return { shown, lines: [shown.map(kind.x), shown.map(kind.y)] };
  };
  let now = data();
  const draw = (u) => {
    const { current, stored } = marks();
    drawMark(u, ...kind.mark(stored), "mark", true);
    drawMark(u, ...kind.mark(current), "mark", false);
  };
  const plot = new uPlot({
    ...sizeOf(box, wide),
    scales: kind.scales,
    axes: kind.axes,
    series: [{}, { stroke: () => colour("accent"), width: 2, points: { show: false },
                   paths: kind.stepped ? uPlot.paths.stepped({ align: -1 }) : undefined }],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
    hooks: { drawAxes: [(u) => kind.guide && drawGuide(u, ...kind.guide)], draw: [draw] },
  }, now.lines, box);
  plot.over.addEventListener("click", (event) => {
    choose(now.shown[plot.posToIdx(event.offsetX)]);
  });
  plot.root.setAttribute("aria-hidden", "true");
  new ResizeObserver(() => plot.setSize(sizeOf(box, wide))).observe(box);
  return {
    redraw: () => plot.redraw(false),
    refresh: () => {
      now = data();
      plot.setData(now.lines);
    },
  };
}

// Every plot of the page; redraw moves the marks, refresh takes new costs in.
function makePlots(engine, marks, choose) {
  const kinds = kindsOfPlots(engine);
  const made = [];
  document.querySelectorAll("[data-plot]").forEach((box) => {
    made.push({ name: box.dataset.plot,
                plot: makePlot(box, kinds[box.dataset.plot], engine, marks, choose) });
  });
  matchMedia("(prefers-color-scheme: dark)")
    .addEventListener("change", () => made.forEach(({ plot }) => plot.redraw()));
  return {
    redraw: () => made.forEach(({ plot }) => plot.redraw()),
    refreshCosts: () => made.filter(({ name }) => name === "cost").forEach(({ plot }) => plot.refresh()),
  };
}
