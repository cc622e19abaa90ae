// Numbers in and out: arrays as the page carries them, figures as the program writes them.

// Little-endian float64 in base64.
function decodeNumbers(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  const numbers = new Float64Array(raw.length / 8);
  for (let i = 0; i < numbers.length; i++) numbers[i] = view.getFloat64(8 * i, true);
  return numbers;
}

function formatFixed(value, decimals) {
  if (!isFinite(value)) return isNaN(value) ? "-" : value > 0 ? "inf" : "-inf";
  const text = Math.abs(value).toFixed(decimals);
  const dot = text.indexOf(".");
  const whole = (dot < 0 ? text : text.slice(0, dot)).replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = value < 0 && Number(text) > 0 ? "\u2212" : "";
  return sign + whole + (dot < 0 ? "" : text.slice(dot));
}

// Whole numbers whole; sums of row weights with four digits at least.
function formatCount(value) {
  const size = Math.abs(value);
  if (Math.abs(size - Math.round(size)) <= 1e-6 * Math.min(size, 1)) return formatFixed(value, 0);
  let decimals = 1;
  let scaled = size * 10;
  while (decimals < 7 && scaled < 999.5 && Math.abs(scaled - Math.round(scaled)) > 1e-6 * scaled) {
    scaled *= 10;
    decimals++;
  }
  return formatFixed(value, decimals);
}

// "10.6 %": neither does a small share read as none, nor a large one as all.
function formatPercent(share) {
  if (isNaN(share)) return "-";
  const percent = 100 * share;
  const rest = Math.min(percent, 100 - percent);
  let decimals = 1;
  if (rest > 0 && rest < 0.05) {
    while (decimals <= 5 && rest * 10 ** decimals < 1 - 1e-9) decimals++;
  }
  if (decimals <= 5) return formatFixed(percent, decimals) + " %";
  return percent < 50 ? percent.toExponential(0) + " %" : ">99.9999 %";
}

// About three digits, whatever the size.
function formatAmount(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  return formatFixed(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

// A probability that rules are told by: three decimals, or three digits where it is small.
function formatThreshold(value) {
  if (value <= 0) return "0";
  if (!isFinite(value)) return "none";
  const edge = Math.min(value, 1 - value);
  if (edge >= 0.01 || edge <= 0) return value.toFixed(3);
  return String(Number(value.toPrecision(value < 0.5 ? 3 : 6)));
}

// "1 in 3.2"
function formatOneIn(share) {
  if (!(share > 0)) return "";
  const one = 1 / share;
  return "1 in " + (one < 9.95 ? one.toFixed(1).replace(/\.0$/, "") : formatFixed(one, 0));
}

function logit(p) {
  const most = 1 - 1e-6;
  const inside = Math.min(Math.max(p, 1e-6), most);
  return Math.log(inside / (1 - inside));
}

function sigmoid(x) {
  return 1 / (1 + Math.exp(-x));
}
