#include "report/page_plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/format.h"
#include "report/page_html.h"

/* Room around the frame, for ticks and labels. */
enum { LEFT = 60, RIGHT = 20, TOP = 10, BOTTOM = 40, TICKS_MOST = 12 };

static void add_tick(sy_plot_axis *axis, double at, const char *words) {
  if (axis->n_ticks == TICKS_MOST) return;
  axis->ticks[axis->n_ticks] = at;
  snprintf(axis->words[axis->n_ticks], sizeof axis->words[0], "%s", words);
  axis->n_ticks++;
}

sy_plot_axis sy_plot_share_axis(const char *label, bool percent) {
  static const char *const shares[] = {"0 %", "20 %", "40 %", "60 %", "80 %", "100 %"};
  static const char *const numbers[] = {"0", "0.2", "0.4", "0.6", "0.8", "1"};
  sy_plot_axis axis = {.low = 0, .high = 1, .label = label};
  for (int i = 0; i <= 5; i++) add_tick(&axis, i / 5.0, percent ? shares[i] : numbers[i]);
  return axis;
}

/* 1, 2 or 5 times a power of ten. */
static double round_step(double wanted) {
  double power = pow(10, floor(log10(wanted))), rest = wanted / power;
  return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

sy_plot_axis sy_plot_amount_axis(const char *label, double low, double high) {
  sy_plot_axis axis = {.low = fmin(low, 0), .high = fmax(high, 0), .label = label};
  if (!(axis.high > axis.low)) axis.high = axis.low + 1;
  axis.high += 0.05 * (axis.high - axis.low);
  double step = round_step((axis.high - axis.low) / 5);
  for (double i = ceil(axis.low / step); i * step <= axis.high; i++)
    add_tick(&axis, i * step, i == 0 ? "0" : sy_cell_amount(i * step).text);
  return axis;
}

sy_plot_axis sy_plot_count_axis(const char *label, double high) {
  sy_plot_axis axis = {.low = 0, .high = fmax(high, 1), .label = label};
  double step = fmax(round_step(axis.high / 5), 1);
  for (double at = 0; at <= axis.high; at += step) add_tick(&axis, at, sy_cell_count(at).text);
  return axis;
}

double sy_plot_logit(double p) {
  double inside = fmin(fmax(p, 1e-6), 1 - 1e-6);
  return log(inside / (1 - inside));
}

sy_plot_axis sy_plot_threshold_axis(const char *label, double low, double high) {
  static const double nice[] = {1e-5, 1e-4, 0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999};
  sy_plot_axis axis = {.low = low, .high = high > low ? high : low + 1, .label = label};
  double room = 0.06 * (axis.high - axis.low), before = -INFINITY;
  for (size_t i = 0; i < sizeof nice / sizeof nice[0]; i++) {
    double at = sy_plot_logit(nice[i]);
    char number[SY_NUMBER_SIZE];
    if (at < axis.low || at > axis.high || at - before < room) continue;
    add_tick(&axis, at, nice[i] < 1e-4 ? "0.00001" : sy_number_format(nice[i], number));
    before = at;
  }
  return axis;
}

static double across(const sy_plot *plot, double x) {
  double share = (x - plot->x.low) / (plot->x.high - plot->x.low);
  return LEFT + share * (plot->width - LEFT - RIGHT);
}

static double down(const sy_plot *plot, double y) {
  double share = (y - plot->y.low) / (plot->y.high - plot->y.low);
  return plot->height - BOTTOM - share * (plot->height - TOP - BOTTOM);
}

/* A coordinate: tenths are finer than the eye. */
static void put_at(sy_text *text, double value) {
  char number[SY_NUMBER_SIZE];
  sy_text_put(text, sy_number_format(round(10 * value) / 10, number));
}

static void put_line(sy_plot *plot, const char *class, double x1, double y1, double x2, double y2) {
  const char *names[] = {"x1", "y1", "x2", "y2"};
  double values[] = {x1, y1, x2, y2};
  sy_text_add(plot->text, "<line class=\"%s\"", class);
  for (int i = 0; i < 4; i++) {
    sy_text_add(plot->text, " %s=\"", names[i]);
    put_at(plot->text, values[i]);
    sy_text_put(plot->text, "\"");
  }
  sy_text_put(plot->text, "/>");
}

static void put_words(sy_plot *plot, double x, double y, const char *anchor, const char *words) {
  sy_text_put(plot->text, "<text x=\"");
  put_at(plot->text, x);
  sy_text_put(plot->text, "\" y=\"");
  put_at(plot->text, y);
  sy_text_add(plot->text, "\" text-anchor=\"%s\">", anchor);
  sy_html_put(plot->text, words);
  sy_text_put(plot->text, "</text>");
}

static void put_axes(sy_plot *plot) {
  double left = LEFT, right = plot->width - RIGHT, bottom = plot->height - BOTTOM;
  for (size_t i = 0; i < plot->x.n_ticks; i++) {
    double at = across(plot, plot->x.ticks[i]);
    put_line(plot, "grid", at, TOP, at, bottom);
    put_words(plot, at, bottom + 16, "middle", plot->x.words[i]);
  }
  for (size_t i = 0; i < plot->y.n_ticks; i++) {
    double at = down(plot, plot->y.ticks[i]);
    put_line(plot, "grid", left, at, right, at);
    put_words(plot, left - 6, at + 4, "end", plot->y.words[i]);
  }
  put_line(plot, "axis", left, TOP, left, bottom);
  put_line(plot, "axis", left, bottom, right, bottom);
  put_words(plot, (left + right) / 2, plot->height - 6, "middle", plot->x.label);
  sy_text_put(plot->text, "<text text-anchor=\"middle\" transform=\"translate(13 ");
  put_at(plot->text, (TOP + bottom) / 2);
  sy_text_put(plot->text, ") rotate(-90)\">");
  sy_html_put(plot->text, plot->y.label);
  sy_text_put(plot->text, "</text>");
}

sy_plot sy_plot_open(sy_text *text, const sy_plot_axis *x, const sy_plot_axis *y, double width,
                     double height, const char *what) {
  sy_plot plot = {.text = text, .x = *x, .y = *y, .width = width, .height = height};
  sy_text_put(text, "<svg class=\"still\" viewBox=\"0 0 ");
  put_at(text, width);
  sy_text_put(text, " ");
  put_at(text, height);
  sy_text_put(text, "\" role=\"img\" aria-label=\"");
  sy_html_put(text, what);
  sy_text_put(text, "\">");
  put_axes(&plot);
  return plot;
}

void sy_plot_line(sy_plot *plot, const char *class, const double *x, const double *y, size_t n,
                  bool stepped) {
  bool begun = false;
  double last = 0;
  sy_text_add(plot->text, "<path class=\"%s\" d=\"", class);
  for (size_t i = 0; i < n; i++) {
    if (isnan(x[i]) || isnan(y[i])) continue;
    double h = across(plot, x[i]), v = down(plot, y[i]);
    if (begun && stepped && fabs(v - last) >= 0.05) {
      sy_text_put(plot->text, "V");
      put_at(plot->text, v);
    }
    sy_text_put(plot->text, begun ? "L" : "M");
    put_at(plot->text, h);
    sy_text_put(plot->text, " ");
    put_at(plot->text, v);
    begun = true;
    last = v;
  }
  sy_text_put(plot->text, begun ? "\"/>" : "M0 0\"/>");
}

void sy_plot_dot(sy_plot *plot, const char *class, double x, double y, double radius) {
  if (isnan(x) || isnan(y)) return;
  sy_text_add(plot->text, "<circle class=\"%s\" cx=\"", class);
  put_at(plot->text, across(plot, x));
  sy_text_put(plot->text, "\" cy=\"");
  put_at(plot->text, down(plot, y));
  sy_text_put(plot->text, "\" r=\"");
  put_at(plot->text, radius);
  sy_text_put(plot->text, "\"/>");
}

void sy_plot_rule(sy_plot *plot, const char *class, double x) {
  double at = across(plot, x);
  put_line(plot, class, at, TOP, at, plot->height - BOTTOM);
}

void sy_plot_level(sy_plot *plot, const char *class, double y) {
  double at = down(plot, y);
  put_line(plot, class, LEFT, at, plot->width - RIGHT, at);
}

void sy_plot_bar(sy_plot *plot, double x, double low, double high) {
  double at = across(plot, x);
  put_line(plot, "bars", at, down(plot, low), at, down(plot, high));
}

void sy_plot_close(sy_plot *plot) {
  sy_text_put(plot->text, "</svg>");
}
