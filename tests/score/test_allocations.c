/* test_allocations.c: from sy_row_new on, setting, clearing and deciding rows takes no memory. The
 * allocator of the whole program is replaced by one that counts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "score/rows.h"

static size_t calls;

/* glibc's own, which malloc and its like are other names of. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

void *malloc(size_t size) {
  calls++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  calls++;
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  calls++;
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  calls++;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  calls++;
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}

void free(void *block) {
  __libc_free(block);
}

/* What the library takes is seen at all: opening a model and making a row do. */
static sy_row *make_row(const sy_model *model) {
  size_t before = calls;
  sy_row *row = sy_row_new(model);
  assert_non_null(row);
  assert_true(calls > before);
  return row;
}

static void set_by_name(sy_row *row, const sy_model *model) {
  const sy_encoder *encoder = sy_model_encoder(model);
  for (size_t i = 0; i < sy_encoder_n_inputs(encoder); i++) {
    const char *name = sy_encoder_input_name(encoder, i);
    if (sy_encoder_input_type(encoder, i) == SY_COLUMN_TEXT)
      sy_row_set_text_by_name(row, name, "a value that is longer than any that was learnt");
    else
      sy_row_set_number_by_name(row, name, 3.5);
  }
  const sy_cost_rule *rule = sy_model_cost_rule(model);
  for (size_t v = 0; v < rule->n_expressions; v++) {
    char name[256];
    snprintf(name, sizeof name, "%s%s", SY_COST_COLUMN, rule->expressions[v]);
    assert_true(sy_row_set_number_by_name(row, name, 3.5));
  }
}

static void a_row_takes_no_memory(void **state) {
  (void)state;
  size_t models = 0, networks = 0, forests = 0;
  for (int seed = 1; seed <= MODELS; seed++) {
    sy_model *model = open_model(seed);
    if (!model) continue;
    sy_row *row = make_row(model);
    double probabilities[MOST_CLASSES], sum = 0;
    int decision = -1;
    sy_status status = SY_OK;
    size_t before = calls;
    for (uint64_t i = 0; i < 100 && status == SY_OK; i++) {
      set_row(row, model, i);
      if (i % 3 == 0) set_by_name(row, model);
      status = sy_model_decide(model, row, &decision, probabilities, NULL);
      sy_row_clear(row);
    }
    size_t taken = calls - before;
    assert_int_equal(taken, 0);
    assert_int_equal(status, SY_OK);
    for (size_t k = 0; k < sy_model_n_classes(model); k++) sum += probabilities[k];
    assert_true(fabs(sum - 1) < 1e-12);
    models++;
    networks += strcmp(sy_predictor_family(sy_model_predictor(model)), "mlp") == 0;
    forests += strcmp(sy_predictor_family(sy_model_predictor(model)), "boosted") == 0;
    sy_row_free(row);
    sy_model_free(model);
  }
  assert_true(models > MODELS / 2 && networks > MODELS / 5 && forests > MODELS / 5);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_row_takes_no_memory)};
  if (argc != 2) return 2;
  models_folder = argv[1];
  return cmocka_run_group_tests(tests, NULL, NULL);
}
