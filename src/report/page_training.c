/* page_training.c: how the training of a network or of boosted trees went, epoch by epoch or round
 * by round. */
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/format.h"
#include "report/page_html.h"
#include "report/page_plot.h"

/* Of the drawing, in the units of the other plots; its range leaves out what the first epochs of a
 * training that began badly had more than this many times the least of. */
static const double width = 720, height = 280, most_above_least = 10;

/* What is drawn over the epochs of the first restart; the others went alike. */
typedef struct course {
  size_t n;
  double *epochs, *losses, *held;
} course;

static bool course_make(const sy_training_result *training, course *made) {
  size_t n = 0;
  while (n < training->n_curve && training->curve[n].restart == training->curve[0].restart) n++;
  made->n = n;
  made->epochs = sy_alloc(n, 3 * sizeof(double));
  if (!made->epochs) return false;
  made->losses = made->epochs + n;
  made->held = made->losses + n;
  for (size_t i = 0; i < n; i++) {
    made->epochs[i] = training->curve[i].epoch;
    made->losses[i] = training->curve[i].loss;
    made->held[i] = training->curve[i].held_loss;
  }
  return true;
}

static double highest(const course *drawn) {
  double least = INFINITY, most = 0;
  for (size_t i = 0; i < drawn->n; i++) {
    least = fmin(least, fmin(drawn->losses[i], drawn->held[i]));
    most = fmax(most, fmax(drawn->losses[i], drawn->held[i]));
  }
  return least > 0 ? fmin(most, most_above_least * least) : most;
}

/* Points above the plot are drawn at its upper edge. */
static void hold_below(double *values, size_t n, double top) {
  for (size_t i = 0; i < n; i++)
    if (values[i] > top) values[i] = top;
}

static bool is_of_rounds(const sy_training_result *training) {
  return training->curve[0].is_round;
}

static void put_plot(sy_text *text, const sy_training_result *training, course *drawn) {
  const char *step = is_of_rounds(training) ? "round" : "epoch";
  double top = highest(drawn), last = drawn->epochs[drawn->n - 1];
  char what[256];
  snprintf(what, sizeof what,
           "Loss over %d %ss: of the rows trained on %s at the end, of rows held back %s.",
           (int)last, step, sy_cell_fixed(training->loss, 3).text,
           sy_cell_fixed(drawn->held[drawn->n - 1], 3).text);
  hold_below(drawn->losses, drawn->n, top);
  hold_below(drawn->held, drawn->n, top);
  sy_plot_axis x = sy_plot_count_axis(step, last);
  sy_plot_axis y = sy_plot_amount_axis("loss", 0, top);
  sy_plot plot = sy_plot_open(text, &x, &y, width, height, what);
  sy_plot_line(&plot, "guide", drawn->epochs, drawn->losses, drawn->n, false);
  sy_plot_line(&plot, "curve", drawn->epochs, drawn->held, drawn->n, false);
  if (drawn->n == 1) sy_plot_dot(&plot, "dot", drawn->epochs[0], drawn->losses[0], 3);
  sy_plot_close(&plot);
}

void sy_page_put_training(sy_text *text, const sy_page *page) {
  const sy_training_result *training = page->training;
  course drawn = {0};
  if (!training || training->n_curve == 0) return;
  if (!course_make(training, &drawn)) {
    text->failed = true;
    return;
  }
  const char *step = is_of_rounds(training) ? "round" : "epoch";
  sy_text_add(text,
              "<section id=\"training\"><h2>Training</h2>\n<figure class=\"wide\"><figcaption><b>"
              "Loss over the %ss</b><span class=\"more\">Dashed: the rows that the model kept "
              "was trained on. Drawn through: rows held back from the trainings that chose how "
              "long it goes, their mean; where it stops falling, more %ss only learn the rows "
              "by heart.</span></figcaption><div>",
              step, step);
  put_plot(text, training, &drawn);
  sy_text_put(text, "</div></figure>\n</section>\n");
  free(drawn.epochs);
}
