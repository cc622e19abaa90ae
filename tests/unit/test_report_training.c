/* A study of a network on the screen and on a page. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network_study.h"

static char *screen_of(const sy_study *study) {
  char *text = NULL;
  assert_int_equal(sy_report_study(study, ROWS, 3, -1, &text, NULL), SY_OK);
  return text;
}

static void write_page(const sy_study *study, char **html) {
  assert_int_equal(sy_report_study_page(study, "A study", NULL, html, NULL), SY_OK);
}

static void assert_holds(const char *text, const char *part) {
  if (!strstr(text, part)) fail_msg("'%s' is not in:\n%s", part, text);
}

/* The line of the network: layers, optimizer, epochs of how many, loss of the parameters kept. */
static void the_screen_tells_network_and_epochs(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  size_t units[] = {8, 4};
  network.hidden = units;
  network.n_hidden = 2;
  network.activation = SY_ACTIVATION_TANH;
  network.optimizer = SY_OPTIMIZER_ADAMW;
  network.restarts = 2;
  network.learning_rate = 0.2;
  network.epochs = 30;
  sy_study_options options = study_of(&network);
  sy_study study = run_study(&w.data, &options);
  char line[128], *screen = screen_of(&study);
  assert_true(study.training.epochs < 30);
  snprintf(line, sizeof line,
           "\nmlp 8,4 tanh, mean of 2, AdamW, %d of 30 epochs (early stopping), "
           "loss %.3f",
           study.training.epochs, study.training.loss);
  assert_holds(screen, line);
  assert_holds(screen, "probabilities: mean");
  free(screen);
  sy_study_clear(&study);
  network.n_hidden = 0;
  network.restarts = 1;
  network.epochs = 1;
  options.test = SY_TEST_NONE;
  study = run_study(&w.data, &options);
  screen = screen_of(&study);
  assert_holds(screen, "\nmlp without hidden layers, AdamW, 1 epoch, loss ");
  free(screen);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void scores_are_not_called_probabilities(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_loss_options loss = {.parts = "focal"};
  sy_network_options network = small_network();
  network.loss = &loss;
  sy_study_options options = study_of(&network);
  sy_study study = run_study(&w.data, &options);
  char *screen = screen_of(&study);
  assert_holds(screen, " scores: mean ");
  assert_null(strstr(screen, "probabilities:"));
  free(screen);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static size_t count(const char *text, const char *part) {
  size_t n = 0;
  for (const char *at = strstr(text, part); at; at = strstr(at + 1, part)) n++;
  return n;
}

/* A plot of its own with both losses; none where no network was trained. */
static void the_page_draws_the_training(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  sy_study study = run_study(&w.data, &options);
  char *page = NULL;
  write_page(&study, &page);
  assert_holds(page, "<a href=\"#training\">Training</a>");
  const char *section = strstr(page, "<section id=\"training\">");
  assert_non_null(section);
  char *own = strndup(section, (size_t)(strstr(section, "</section>") - section));
  assert_int_equal(count(own, "<svg class=\"still\""), 1);
  assert_int_equal(count(own, "<path class=\"curve\" d=\"M"), 1);
  assert_int_equal(count(own, "<path class=\"guide\" d=\"M"), 1);
  assert_non_null(strstr(own, ">0</text>"));
  assert_null(strstr(own, ".0</text>")); /* epochs are whole */
  const char *drawn = strstr(own, "<path class=\"guide\"");
  char *path = strndup(drawn, (size_t)(strstr(drawn, "/>") - drawn));
  assert_int_equal(count(path, "L"), study.training.n_curve - 1);
  free(path);
  free(own);
  free(page);
  sy_study_clear(&study);
  options.family = SY_STUDY_LOGISTIC;
  study = run_study(&w.data, &options);
  write_page(&study, &page);
  assert_null(strstr(page, "#training"));
  free(page);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

/* What a model tells of itself has the curve as a table, not as the note that holds it. */
static void a_model_tells_its_curve(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  sy_study study = run_study(&w.data, &options);
  char *text = NULL;
  assert_int_equal(sy_report_model(study.model, &text, NULL), SY_OK);
  assert_int_equal(count(text, "training curve"), 1);
  assert_holds(text, "\n  epoch        loss   held back");
  assert_null(strstr(text, "1:"));
  free(text);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_screen_tells_network_and_epochs),
      cmocka_unit_test(scores_are_not_called_probabilities),
      cmocka_unit_test(the_page_draws_the_training),
      cmocka_unit_test(a_model_tells_its_curve),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
