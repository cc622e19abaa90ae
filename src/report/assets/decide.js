// Decisions and what they come to: the same rule, in the same order of additions, as the library's
// sy_decide. What is counted was counted by the library; costs enter linearly.

// A mistake of class k, from which the costs of its row are taken (see src/decide/decide.c).
function mistakeOf(cost, classes, k) {
  return cost[k * classes + (k + 1 < classes ? k + 1 : 0)];
}

// Whether for each class all mistakes cost the same.
function onlyGains(cost, classes) {
  for (let k = 0; k < classes; k++) {
    const mistake = mistakeOf(cost, classes, k);
    for (let j = 0; j < classes; j++) {
      if (j !== k && cost[k * classes + j] !== mistake) return false;
    }
  }
  return true;
}

// The decision of least expected cost for probabilities p[at], p[at + 1], ...
function decide(p, at, cost, classes, gains) {
  let best = 0;
  let least = 0;
  for (let j = 0; j < classes; j++) {
    let expected = 0;
    if (gains) {
      expected = p[at + j] * (cost[j * classes + j] - mistakeOf(cost, classes, j));
    } else {
      for (let k = 0; k < classes; k++) {
        expected += p[at + k] * (cost[k * classes + j] - mistakeOf(cost, classes, k));
      }
    }
    if (j > 0 && !(expected < least)) continue;
    least = expected;
    best = j;
  }
  return best;
}

// The threshold that two-class costs imply: flag where p >= it. NaN where no threshold decides.
function impliedThreshold(cost, positive) {
  const other = 1 - positive;
  const alarm = cost[other * 2 + positive] - cost[other * 2 + other];
  const miss = cost[positive * 2 + other] - cost[positive * 2 + positive];
  return alarm + miss > 0 ? alarm / (alarm + miss) : NaN;
}

// Where thresholds may lie, from the highest score down: weight of positives and negatives, and
// sums of the costs that differ by row, of the rows with at least that score.
function stepsOfCounts(data) {
  return {
    n: data.n,
    scores: decodeNumbers(data.scores),
    positives: decodeNumbers(data.positives),
    negatives: decodeNumbers(data.negatives),
  };
}

function stepsOfRows(rows, positive) {
  const order = Array.from({ length: rows.n }, (_, i) => i);
  const score = (i) => rows.p[2 * i + positive];
  order.sort((a, b) => score(b) - score(a));
  const steps = { n: 0, scores: [], positives: [], negatives: [], rows: [] };
  let positives = 0;
  let negatives = 0;
  order.forEach((i, at) => {
    if (rows.ids[i] === positive) positives += rows.weights[i];
    else negatives += rows.weights[i];
    if (at + 1 < rows.n && score(order[at + 1]) === score(i)) return;
    steps.scores.push(score(i));
    steps.positives.push(positives);
    steps.negatives.push(negatives);
    steps.rows.push(at + 1);
  });
  steps.n = steps.scores.length;
  steps.order = order;
  return steps;
}

// How many steps a threshold flags: those with score >= it. Scores went through a logarithm, so what
// differs from the threshold by rounding is equal to it.
function stepsAbove(steps, threshold) {
  const least = threshold * (1 - 1e-13);
  let low = 0;
  let high = steps.n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps.scores[middle] >= least) low = middle + 1;
    else high = middle;
  }
  return low;
}

// How many steps costs flag: the decision is the library's own, ties included.
function stepsByCosts(steps, cost, positive) {
  const p = [0, 0];
  let low = 0;
  let high = steps.n;
  while (low < high) {
    const middle = (low + high) >> 1;
    p[positive] = steps.scores[middle];
    p[1 - positive] = 1 - steps.scores[middle];
    if (decide(p, 0, cost, 2, true) === positive) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Confusion of flagging the first `count` steps.
function confusionOfSteps(steps, count, support, positive) {
  const other = 1 - positive;
  const confusion = new Float64Array(4);
  const hit = count > 0 ? steps.positives[count - 1] : 0;
  const alarm = count > 0 ? steps.negatives[count - 1] : 0;
  confusion[positive * 2 + positive] = hit;
  confusion[positive * 2 + other] = support[positive] - hit;
  confusion[other * 2 + positive] = alarm;
  confusion[other * 2 + other] = support[other] - alarm;
  return confusion;
}

// Confusion of rows, and per cell the sum of what differs by row.
function countRows(rows, classes, which, decisionOf) {
  const confusion = new Float64Array(classes * classes);
  const sums = new Float64Array(classes * classes);
  for (let i = 0; i < rows.n; i++) {
    const cell = rows.ids[i] * classes + decisionOf(i);
    confusion[cell] += rows.weights[i];
    if (which[cell] >= 0) sums[cell] += rows.weights[i] * rows.values[i * rows.varying + which[cell]];
  }
  return { confusion, sums };
}

// Decisions of rows by costs; a cell that differs by row costs its factor times the row's value.
function decideRows(rows, classes, which, cost) {
  const own = Float64Array.from(cost);
  const fixed = rows.varying === 0;
  const gains = fixed && onlyGains(cost, classes);
  return (i) => {
    if (!fixed) {
      for (let cell = 0; cell < own.length; cell++) {
        if (which[cell] >= 0) own[cell] = cost[cell] * rows.values[i * rows.varying + which[cell]];
      }
    }
    return decide(rows.p, i * classes, own, classes, gains);
  };
}

// Total cost of counted decisions: fixed cells by their weight, the others by their sums.
function totalCost(counted, which, cost) {
  let total = 0;
  for (let cell = 0; cell < cost.length; cell++) {
    total += cost[cell] * (which[cell] >= 0 ? counted.sums[cell] : counted.confusion[cell]);
  }
  return total;
}

// Figures of a confusion matrix; NaN = not defined.
function figuresOf(confusion, classes) {
  const support = new Float64Array(classes);
  const predicted = new Float64Array(classes);
  let right = 0;
  let total = 0;
  for (let k = 0; k < classes; k++) {
    right += confusion[k * classes + k];
    for (let j = 0; j < classes; j++) {
      support[k] += confusion[k * classes + j];
      predicted[j] += confusion[k * classes + j];
      total += confusion[k * classes + j];
    }
  }
  const recall = Array.from(support, (s, k) => (s > 0 ? confusion[k * classes + k] / s : NaN));
  const precision = Array.from(predicted, (s, k) => (s > 0 ? confusion[k * classes + k] / s : NaN));
  const f1 = Array.from(support, (s, k) =>
    s > 0 ? (2 * confusion[k * classes + k]) / (s + predicted[k]) : NaN);
  const mean = (list) => {
    const defined = list.filter((value) => !isNaN(value));
    return defined.reduce((sum, value) => sum + value, 0) / defined.length;
  };
  return { support, predicted, total, recall, precision, f1, accuracy: right / total,
           balanced: mean(recall), macroF1: mean(f1) };
}
