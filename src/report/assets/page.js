// The slider, the fields and the live figures.

const SLIDER_END = 1000;

const data = JSON.parse(document.getElementById("counts").textContent);
const engine = makeEngine(data);
const two = engine.classes === 2;
const byId = (id) => document.getElementById(id);
const all = (selector) => Array.from(document.querySelectorAll(selector));
const fields = all("input[data-cell]");
const scales = all("input[data-scales]");

// "stored": the decisions of the stored rule; "threshold": p >= threshold; "costs": least cost.
const state = { mode: "stored", threshold: NaN };

// --- what is decided now ---

// Where all rows are on the page, the stored decisions are told as they were judged; of a sample
// they are those of its rows.
function countStored() {
  const stored = data.stored;
  return { confusion: Float64Array.from(stored.confusion), sums: Float64Array.from(stored.sums) };
}

function countNow() {
  if (state.mode === "stored") return countStored();
  if (state.mode === "costs") return engine.countByCosts(engine.cost);
  return engine.countSteps(stepsAbove(engine.steps, state.threshold));
}

// Whether the stored rule is the one that its own costs give.
function storedByCosts() {
  if (data.varies) return data.stored.rule === null;
  const wanted = impliedThreshold(data.cost, data.positive);
  return data.stored.rule !== null &&
    Math.abs(impliedThreshold(data.stored.rule, data.positive) - wanted) <= 1e-12;
}

// What the plots mark: where decisions stand on each curve.
function pointOf(counted, threshold) {
  const { positive } = data;
  const figures = figuresOf(counted.confusion, 2);
  return { threshold, cost: engine.per1000(counted, engine.cost), recall: figures.recall[positive],
           precision: figures.precision[positive], alarms: 1 - figures.recall[1 - positive],
           flagged: figures.predicted[positive] / figures.total };
}

function thresholdStored() {
  return data.stored.rule ? impliedThreshold(data.stored.rule, data.positive) : NaN;
}

function thresholdNow() {
  if (!two) return NaN;
  if (state.mode === "threshold") return state.threshold;
  if (state.mode === "stored") return thresholdStored();
  return data.varies ? NaN : impliedThreshold(engine.cost, data.positive);
}

// --- showing it ---

function show(name, value, text, more) {
  const tile = document.querySelector(`[data-figure="${name}"]`);
  if (!tile) return;
  tile.dataset.value = String(value);
  tile.querySelector(".value").textContent = text;
  tile.querySelector(".more").textContent = more;
}

function compared(cost, stored) {
  if (state.mode === "stored") return `the ${data.stored.word}`;
  if (!(stored > 0)) return `${data.stored.word}: ${formatAmount(stored)}`;
  const change = cost / stored - 1;
  if (Math.abs(change) < 0.0005) return `${data.stored.word}: ${formatAmount(stored)}, the same`;
  return `${data.stored.word}: ${formatAmount(stored)}; this is ${formatFixed(100 * Math.abs(change), 1)} % ` +
    (change < 0 ? "less" : "more");
}

function showTwoClasses(counted, figures) {
  const { positive, classes } = data;
  const hit = counted.confusion[positive * 2 + positive];
  const flagged = figures.predicted[positive] / figures.total;
  const name = classes[positive];
  show("flagged", flagged, formatPercent(flagged),
       `${formatCount(figures.predicted[positive])} of ${formatCount(figures.total)}`);
  show("caught", figures.recall[positive], formatPercent(figures.recall[positive]),
       `${formatCount(hit)} of ${formatCount(figures.support[positive])} ${name}`);
  show("precision", figures.precision[positive], formatFixed(figures.precision[positive], 3),
       figures.predicted[positive] > 0 ? `${formatOneIn(figures.precision[positive])} flagged is ${name}` :
         "nothing is flagged");
}

function showMany(figures) {
  show("accuracy", figures.accuracy, formatPercent(figures.accuracy), "rows called right");
  show("macro_f1", figures.macroF1, formatFixed(figures.macroF1, 3), "mean F1 of the classes");
  all("[data-class]").forEach((cell) => {
    const value = figures[cell.dataset.of][Number(cell.dataset.class)];
    cell.dataset.value = String(value);
    cell.textContent = cell.dataset.of === "predicted" ? formatCount(value) : formatFixed(value, 3);
  });
}

function showConfusion(confusion, figures) {
  all("#confusion td").forEach((cell) => {
    const at = Number(cell.dataset.at);
    const actual = Math.floor(at / engine.classes);
    const share = confusion[at] / figures.support[actual];
    const right = at === actual * engine.classes + actual;
    cell.dataset.value = String(confusion[at]);
    cell.querySelector(".count").textContent = formatCount(confusion[at]);
    cell.querySelector(".share").textContent = isNaN(share) ? "" : formatPercent(share);
    const level = share > 0.005 ? Math.min(4, 1 + Math.floor(4 * share * 0.999)) : 0;
    cell.className = level ? (right ? "r" : "w") + level : "";
  });
}

function ruleInWords() {
  if (state.mode === "stored") return data.stored.name;
  if (state.mode === "costs" && (!two || data.varies)) return "Least expected cost by these fields";
  const threshold = thresholdNow();
  if (isNaN(threshold)) return "Least expected cost by these fields";
  return threshold > 1 ? "Never flag" : `p ≥ ${formatThreshold(threshold)}`;
}

function showImplied() {
  const place = byId("implied");
  if (!place) return;
  const implied = impliedThreshold(engine.cost, data.positive);
  place.dataset.value = String(implied);
  const name = data.classes[data.positive];
  place.textContent = data.varies ? "These costs imply a threshold of its own for each row."
    : isNaN(implied) ? "These costs imply no threshold: no mistake costs anything."
      : `These costs imply: flag ${name} at p ≥ ${formatThreshold(implied)}.`;
}

// One sentence for those who listen, once the hand rests.
let telling = 0;
function tell(sentence) {
  clearTimeout(telling);
  telling = setTimeout(() => { byId("told").textContent = sentence; }, 250);
}

function sentence(figures, cost) {
  const price = `Expected cost ${formatAmount(cost)} per 1000 rows.`;
  if (!two) {
    return `${ruleInWords()}: ${formatPercent(figures.accuracy)} of rows right, balanced accuracy ` +
      `${formatFixed(figures.balanced, 3)}. ${price}`;
  }
  const { positive, classes } = data;
  return `${ruleInWords()}: flags ${formatPercent(figures.predicted[positive] / figures.total)} of ` +
    `rows, catches ${formatPercent(figures.recall[positive])} of ${classes[positive]}, precision ` +
    `${formatFixed(figures.precision[positive], 3)}. ${price}`;
}

function showControls() {
  byId("reset").disabled = state.mode === "stored" && engine.cost.every((c, i) => c === data.cost[i]);
  if (!two) return;
  const threshold = thresholdNow();
  const slider = byId("slider");
  const typed = byId("threshold");
  if (document.activeElement !== slider || state.mode !== "threshold") {
    slider.value = String(sliderOf(threshold));
  }
  if (document.activeElement !== typed) {
    typed.value = isNaN(threshold) || threshold > 1 ? "" : String(Number(threshold.toPrecision(4)));
  }
  typed.placeholder = isNaN(threshold) ? "by row" : threshold > 1 ? "none" : "";
  slider.setAttribute("aria-valuetext", ruleInWords());
}

let plots = null;

function showAll() {
  const counted = countNow();
  const figures = figuresOf(counted.confusion, engine.classes);
  const cost = engine.per1000(counted, engine.cost);
  const stored = engine.per1000(countStored(), engine.cost);
  if (two) showTwoClasses(counted, figures);
  else showMany(figures);
  show("balanced", figures.balanced, formatFixed(figures.balanced, 3), "mean over classes");
  show("cost", cost, formatAmount(cost), compared(cost, stored));
  showConfusion(counted.confusion, figures);
  showImplied();
  showControls();
  tell(sentence(figures, cost));
  if (plots) plots.redraw();
}

// --- what is moved ---

// The slider goes over the logit of the threshold, so that small ones have room; its ends are
// "flag all" and "flag none".
function thresholdOf(position) {
  if (position <= 0) return 0;
  if (position >= SLIDER_END) return Infinity;
  const t = sigmoid(engine.lowest + ((engine.highest - engine.lowest) * position) / SLIDER_END);
  return Number(t < 0.99 ? t.toPrecision(3) : t.toFixed(5));
}

function sliderOf(threshold) {
  if (isNaN(threshold)) return SLIDER_END / 2;
  if (threshold > 1) return SLIDER_END;
  if (threshold <= 0) return 0;
  const share = (logit(threshold) - engine.lowest) / (engine.highest - engine.lowest);
  return Math.min(SLIDER_END - 1, Math.max(1, Math.round(SLIDER_END * share)));
}

// Where not every threshold is on the page, the nearest that is.
function nearestKept(threshold) {
  if (!engine.thinned || threshold > engine.steps.scores[0] || threshold <= 0) return threshold;
  const above = stepsAbove(engine.steps, threshold);
  const kept = [above - 1, above].filter((i) => i >= 0 && i < engine.steps.n)
    .map((i) => engine.steps.scores[i]);
  return kept.reduce((a, b) => (Math.abs(a - threshold) <= Math.abs(b - threshold) ? a : b));
}

function moveTo(threshold) {
  state.mode = "threshold";
  state.threshold = nearestKept(threshold);
  byId("follow").checked = false;
  showAll();
}

// What fields say; a cell without a field keeps its cost.
function readCosts() {
  const cost = Float64Array.from(data.cost);
  let problem = "";
  for (const field of [...fields, ...scales]) {
    const value = field.value.trim() === "" ? NaN : Number(field.value);
    const bad = !isFinite(value) || Math.abs(value) > 1e100;
    field.setAttribute("aria-invalid", String(bad));
    if (bad) problem = "A cost is a number; the figures are those of the last ones.";
    else if (field.dataset.cell) cost[Number(field.dataset.cell)] = value;
    else scaleRow(cost, Number(field.dataset.scales), value);
  }
  return { cost, problem: problem || orderProblem(cost) };
}

function scaleRow(cost, k, factor) {
  for (let j = 0; j < engine.classes; j++) {
    if (j !== k) cost[k * engine.classes + j] = factor * data.cost[k * engine.classes + j];
  }
}

// Being right must not cost more than a mistake.
function orderProblem(cost) {
  for (let k = 0; k < engine.classes && !data.varies; k++) {
    const right = cost[k * engine.classes + k];
    for (let j = 0; j < engine.classes; j++) {
      if (cost[k * engine.classes + j] < right) {
        return `Calling a ${data.classes[k]} right would cost more than calling it ` +
          `${data.classes[j]}; the figures are those of the last costs.`;
      }
    }
  }
  return "";
}

function takeCosts() {
  const { cost, problem } = readCosts();
  byId("problem").textContent = problem;
  if (problem) return;
  engine.cost = cost;
  if (two && state.mode === "stored") byId("follow").checked = true;
  if (!two || byId("follow").checked) state.mode = "costs";
  if (plots) plots.refreshCosts();
  showAll();
}

function reset() {
  state.mode = "stored";
  engine.cost = Float64Array.from(data.cost);
  for (const field of [...fields, ...scales]) {
    field.value = field.defaultValue;
    field.setAttribute("aria-invalid", "false");
  }
  byId("problem").textContent = "";
  if (two) byId("follow").checked = storedByCosts();
  if (plots) plots.refreshCosts();
  showAll();
}

function listen() {
  [...fields, ...scales].forEach((field) => field.addEventListener("input", takeCosts));
  byId("reset").addEventListener("click", reset);
  if (!two) return;
  byId("slider").addEventListener("input", (event) => moveTo(thresholdOf(Number(event.target.value))));
  byId("threshold").addEventListener("input", (event) => {
    const value = Number(event.target.value);
    const bad = event.target.value.trim() === "" || !(value >= 0 && value <= 1);
    event.target.setAttribute("aria-invalid", String(bad));
    if (!bad) moveTo(value);
  });
  byId("threshold").addEventListener("blur", (event) => {
    event.target.setAttribute("aria-invalid", "false");
    showControls();
  });
  byId("follow").addEventListener("change", (event) => { if (event.target.checked) takeCosts(); });
}

// What is not all there is told.
function tellParts() {
  const { rows, steps } = data;
  let words = "";
  if (rows && rows.n < rows.all) {
    words = `Decided anew here: a sample of ${formatCount(rows.n)} of the ${formatCount(rows.all)} ` +
      "rows, each with the same chance to be in it. All that stands still is of all rows.";
  } else if (steps && steps.n < steps.all) {
    words = `Carried here: ${formatCount(steps.n)} of ${formatCount(steps.all)} thresholds; one ` +
      "that is typed moves to the nearest of them.";
  }
  byId("sampled").textContent = words;
}

function begin() {
  tellParts();
  all("[data-live]").forEach((part) => { part.hidden = false; });
  document.documentElement.classList.add("is-live");
  listen();
  if (two) byId("follow").checked = storedByCosts();
  if (two && document.querySelector("[data-plot]")) {
    const marks = () => ({ current: pointOf(countNow(), thresholdNow()),
                           stored: pointOf(countStored(), thresholdStored()) });
    plots = makePlots(engine, marks, (count) => {
      moveTo(count > 0 ? engine.steps.scores[count - 1] : Infinity);
    });
  }
  showAll();
}

begin();
