// What the page can count: from the library's cumulated counts where a threshold decides two
// classes, from the rows themselves where decisions need them.

// Cumulated sums, step by step, of the cells that differ by row, over the rows flagged.
function cellSums(steps, rows, which, positive) {
  const sums = [];
  which.forEach((v, cell) => {
    if (v < 0) return;
    const actual = cell >> 1;
    const upTo = new Float64Array(steps.n);
    let sum = 0;
    let at = 0;
    for (let step = 0; step < steps.n; step++) {
      for (; at < steps.rows[step]; at++) {
        const i = steps.order[at];
        if (rows.ids[i] === actual) sum += rows.weights[i] * rows.values[i * rows.varying + v];
      }
      upTo[step] = sum;
    }
    sums.push({ cell, upTo, flags: (cell & 1) === positive });
  });
  return sums;
}

function decodeRows(data, classes) {
  const rows = { n: data.n, varying: data.varying };
  rows.p = decodeNumbers(data.p);
  rows.ids = Int32Array.from(decodeNumbers(data.ids));
  rows.weights = data.weights ? decodeNumbers(data.weights) : new Float64Array(data.n).fill(1);
  rows.values = data.values ? decodeNumbers(data.values) : new Float64Array(0);
  rows.support = new Float64Array(classes);
  for (let i = 0; i < rows.n; i++) rows.support[rows.ids[i]] += rows.weights[i];
  return rows;
}

function makeEngine(data) {
  const classes = data.classes.length;
  const { which, positive } = data;
  const engine = { classes, which, positive, cost: Float64Array.from(data.cost) };
  engine.rows = data.rows ? decodeRows(data.rows, classes) : null;
  engine.support = engine.rows ? engine.rows.support : Float64Array.from(data.support);
  engine.total = engine.support.reduce((sum, one) => sum + one, 0);
  if (classes === 2) {
    engine.steps = engine.rows ? stepsOfRows(engine.rows, positive) : stepsOfCounts(data.steps);
    engine.sums = engine.rows ? cellSums(engine.steps, engine.rows, which, positive) : [];
    engine.thinned = !engine.rows && data.steps.n < data.steps.all;
    const edge = engine.steps.n > 0 ? engine.steps.scores[0] : 1;
    engine.lowest = logit(engine.steps.n > 0 ? engine.steps.scores[engine.steps.n - 1] : 0);
    engine.highest = logit(edge) + 0.02 * (logit(edge) - engine.lowest || 1);
  }

  // Flagging the first `count` steps.
  engine.countSteps = (count) => {
    const confusion = confusionOfSteps(engine.steps, count, engine.support, positive);
    const sums = new Float64Array(4);
    for (const { cell, upTo, flags } of engine.sums) {
      const flagged = count > 0 ? upTo[count - 1] : 0;
      sums[cell] = flags ? flagged : upTo[upTo.length - 1] - flagged;
    }
    return { confusion, sums };
  };
  engine.countByCosts = (cost) => {
    if (engine.rows) {
      return countRows(engine.rows, classes, which, decideRows(engine.rows, classes, which, cost));
    }
    return engine.countSteps(stepsByCosts(engine.steps, cost, positive));
  };
  engine.per1000 = (counted, cost) => (1000 * totalCost(counted, which, cost)) / engine.total;
  engine.costOfCount = (count) => engine.per1000(engine.countSteps(count), engine.cost);
  engine.figures = (count) => {
    const hit = count > 0 ? engine.steps.positives[count - 1] : 0;
    const alarm = count > 0 ? engine.steps.negatives[count - 1] : 0;
    return { recall: hit / engine.support[positive], alarms: alarm / engine.support[1 - positive],
             precision: hit / (hit + alarm), flagged: (hit + alarm) / engine.total };
  };
  return engine;
}
