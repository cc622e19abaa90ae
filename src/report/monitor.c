/* monitor.c: rows without labels, as a screen: the classes, then the columns that moved. */
#include <steelyard/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"

/* Widths of both tables; they stay within 100 columns. */
enum {
  CLASS_WIDTH = 26,
  COLUMN_WIDTH = 30,
  MOST_CLASSES = 20,
  MOST_COLUMNS = 20,
  LEAST_COLUMNS = 5
};

/* A share in eight columns. Estimates may end at any power of ten, which no number of rows has. */
static sy_cell percent(double share) {
  sy_cell cell = sy_cell_percent(fabs(share) < 1e-9 ? 0 : share);
  if (sy_text_width(cell.text) <= 8) return cell;
  cell = sy_cell_fixed(100 * share, 1);
  strncat(cell.text, " %", sizeof cell.text - strlen(cell.text) - 1);
  return cell;
}

static sy_cell interval(double low, double high) {
  sy_cell cell = {""}, from = percent(low);
  if (isnan(low) || isnan(high)) return cell;
  from.text[sy_text_width(from.text) - 2] = 0; /* one sign for both */
  snprintf(cell.text, sizeof cell.text, "(%.24s to %.24s)", from.text, percent(high).text);
  return cell;
}

static void put_class(sy_text *text, const sy_monitor *monitor, const char *name, size_t k) {
  double trained = monitor->has_prior ? monitor->trained_prior[k] : (double)NAN;
  double now = monitor->has_prior ? monitor->prior.prior[k] : (double)NAN;
  sy_put_left(text, sy_cell_text(name, CLASS_WIDTH), CLASS_WIDTH);
  sy_put_right(text, percent(monitor->decided[k]), 10);
  sy_put_right(text, percent(monitor->mean_probability[k]), 13);
  sy_put_right(text, percent(trained), 14);
  sy_put_right(text, percent(now), 16);
  if (monitor->has_prior)
    sy_text_add(text, " %s", interval(monitor->prior.low[k], monitor->prior.high[k]).text);
  sy_text_put(text, "\n");
}

static void put_classes(sy_text *text, const sy_monitor *monitor, const char *const *classes) {
  size_t shown = monitor->n_classes < MOST_CLASSES ? monitor->n_classes : MOST_CLASSES;
  sy_put_left(text, sy_cell_text("class", CLASS_WIDTH), CLASS_WIDTH);
  sy_text_put(text, "   decided       mean p   in training   estimated now (95 %)\n");
  for (size_t k = 0; k < shown; k++) put_class(text, monitor, classes[k], k);
  if (shown < monitor->n_classes)
    sy_text_add(text, "... and %zu more classes (--json has them all)\n",
                monitor->n_classes - shown);
}

/* "+0.12 sd": how far the mean moved. */
static sy_cell moved(double difference) {
  sy_cell cell = {"-"};
  double size = fabs(difference);
  if (!isnan(difference))
    snprintf(cell.text, sizeof cell.text, "%s%.40s sd",
             size < 0.005     ? ""
             : difference < 0 ? "-"
                              : "+",
             size < 1000 ? sy_cell_amount(size).text : sy_cell_power(size).text);
  return cell;
}

static void put_column(sy_text *text, const sy_watched_column *column) {
  sy_put_left(text, sy_cell_text(column->name, COLUMN_WIDTH), COLUMN_WIDTH);
  sy_put_right(text, sy_cell_fixed(column->psi, 3), 8);
  sy_put_right(text, sy_cell_fixed(column->psi_chance, 3), 11);
  sy_text_put(text, "  ");
  sy_put_left(text, sy_cell_text(sy_shift_name(column->shift), 8), 8);
  sy_put_right(text, moved(column->mean_difference), 10);
  sy_put_right(text, percent(column->missing_training), 14);
  sy_put_right(text, percent(column->missing), 8);
  sy_put_right(text, percent(column->unseen), 9);
  sy_text_put(text, "\n");
}

static bool has_moved(const sy_watched_column *column) {
  return column->shift == SY_SHIFT_SOME || column->shift == SY_SHIFT_LARGE;
}

static size_t count_moved(const sy_monitor *monitor) {
  size_t n = 0;
  for (size_t i = 0; i < monitor->n_columns; i++) n += has_moved(&monitor->columns[i]);
  return n;
}

/* Those that moved, up to a screen of them, and a few that did not. */
static size_t columns_shown(const sy_monitor *monitor, size_t n_moved) {
  size_t wanted = n_moved + 2 < LEAST_COLUMNS ? LEAST_COLUMNS : n_moved + 2;
  if (wanted > MOST_COLUMNS) wanted = MOST_COLUMNS;
  return wanted < monitor->n_columns ? wanted : monitor->n_columns;
}

static void put_columns(sy_text *text, const sy_monitor *monitor, size_t n_moved) {
  size_t shown = columns_shown(monitor, n_moved), rest = monitor->n_columns - shown;
  sy_put_left(text, sy_cell_text("column", COLUMN_WIDTH), COLUMN_WIDTH);
  sy_text_put(text, "     PSI  by chance  shift         mean  missing: was     now   unseen\n");
  for (size_t i = 0; i < shown; i++) put_column(text, &monitor->columns[i]);
  if (rest > 0)
    sy_text_add(text, "... and %zu more column%s (--json has them all)\n", rest,
                sy_plural((double)rest));
}

static void put_verdict(sy_text *text, const sy_monitor *monitor, size_t n_moved) {
  if (!monitor->has_profiles)
    sy_text_put(text, "The model has no profiles of its columns, so no shift can be told: train it "
                      "anew.\n");
  else if (n_moved == 0)
    sy_text_put(text, "No column moved by more than chance and the rule of thumb.\n");
  else
    sy_text_add(text,
                "%zu of %zu column%s moved: the model meets rows unlike those it learnt "
                "from.\n",
                n_moved, monitor->n_columns, sy_plural((double)monitor->n_columns));
}

/* The class whose share moved most of those whose interval leaves out what it was, or K. */
static size_t most_moved_class(const sy_monitor *monitor) {
  size_t most = monitor->n_classes;
  double largest = 0;
  for (size_t k = 0; monitor->has_prior && k < monitor->n_classes; k++) {
    double was = monitor->trained_prior[k], now = monitor->prior.prior[k];
    bool told = was < monitor->prior.low[k] || was > monitor->prior.high[k];
    if (!told || fabs(now - was) <= largest) continue;
    largest = fabs(now - was);
    most = k;
  }
  /* Of two classes, the positive one is talked of. */
  return most < monitor->n_classes && monitor->positive >= 0 ? (size_t)monitor->positive : most;
}

static void put_prior(sy_text *text, const sy_monitor *monitor, const char *const *classes,
                      size_t n_moved) {
  size_t k = most_moved_class(monitor);
  if (!monitor->has_prior)
    sy_put_paragraph(text,
                     "The model does not know the shares of its classes in training, so none can "
                     "be estimated: train it anew.",
                     0);
  if (k == monitor->n_classes) return;
  sy_text line = {0};
  sy_text_add(&line, "'%s' seems to be %s of the rows now, %s in training",
              sy_cell_text(classes[k], 40).text, percent(monitor->prior.prior[k]).text,
              percent(monitor->trained_prior[k]).text);
  sy_text_put(&line, n_moved ? ": right if nothing moved but the shares of the classes, perhaps "
                               "far off if columns moved by themselves. Label some rows to know."
                             : ". steelyard decide --prior puts that into the probabilities.");
  if (line.data && !line.failed) sy_put_paragraph(text, line.data, 0);
  text->failed |= line.failed;
  free(line.data);
}

sy_status sy_report_monitor(const sy_monitor *monitor, const char *heading,
                            const char *const *classes, char **out, sy_error *error) {
  sy_text text = {0};
  size_t n_moved = count_moved(monitor);
  if (heading) sy_text_add(&text, "%s\n\n", heading);
  put_classes(&text, monitor, classes);
  sy_text_put(&text, "\n");
  put_columns(&text, monitor, n_moved);
  sy_text_put(&text, "\n");
  put_verdict(&text, monitor, n_moved);
  put_prior(&text, monitor, classes, n_moved);
  return sy_text_finish(&text, out, error);
}
