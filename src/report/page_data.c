/* page_data.c: what the script counts from: cumulated counts where a threshold decides two classes,
 * else the rows themselves, or a sample of them where they are many. */
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "report/page_html.h"

/* Numbers of rows that a page carries: about a megabyte of text. */
enum { NUMBERS_MOST = 100000 };

/* The rows that a page carries, compact. */
typedef struct carried {
  size_t n, all, n_classes, n_varying;
  size_t *rows;    /* (n) places in page->rows */
  double *numbers; /* (n, widest part) scratch for what is written */
} carried;

static bool counts(const sy_evaluation *rows, size_t i) {
  return rows->ids[i] != SY_IGNORED && !(rows->row_weights && rows->row_weights[i] == 0);
}

/* All rows, or so many of them that each has the same chance: one pass (Knuth 3.4.2, algorithm S),
 * drawn by a fixed seed, so that the page of the same rows is the same. */
static sy_status choose_rows(const sy_page *page, const sy_costs *costs, carried *made,
                             sy_error *error) {
  const sy_evaluation *rows = page->rows;
  size_t width = page->n_classes + costs->n_varying;
  *made = (carried){.n_classes = page->n_classes, .n_varying = costs->n_varying};
  for (size_t i = 0; i < rows->n; i++) made->all += counts(rows, i);
  size_t most = NUMBERS_MOST / width > 0 ? NUMBERS_MOST / width : 1;
  size_t wanted = made->all < most ? made->all : most, left = made->all;
  made->rows = sy_alloc(wanted, sizeof *made->rows);
  made->numbers = sy_alloc(wanted, width * sizeof(double));
  if (!made->rows || !made->numbers) return sy_fail_memory(error);
  for (size_t i = 0; i < rows->n && made->n < wanted; i++) {
    if (!counts(rows, i)) continue;
    double chance = (double)(wanted - made->n) / (double)left--;
    if (sy_random_uniform(0, SY_STREAM_PAGE, i) < chance) made->rows[made->n++] = i;
  }
  return SY_OK;
}

static void carried_clear(carried *rows) {
  free(rows->rows);
  free(rows->numbers);
}

static void put_probabilities(sy_text *text, const sy_page *page, const carried *rows) {
  size_t n_classes = rows->n_classes;
  for (size_t i = 0; i < rows->n; i++)
    for (size_t k = 0; k < n_classes; k++)
      rows->numbers[i * n_classes + k] =
          exp(page->rows->log_probabilities[rows->rows[i] * n_classes + k]);
  sy_text_put(text, ",\"p\":");
  sy_html_base64(text, rows->numbers, rows->n * n_classes);
}

static void put_values(sy_text *text, const sy_costs *costs, const carried *rows) {
  size_t width = rows->n_varying;
  for (size_t i = 0; i < rows->n; i++)
    memcpy(rows->numbers + i * width, costs->values + rows->rows[i] * width,
           width * sizeof(double));
  sy_text_put(text, ",\"values\":");
  sy_html_base64(text, rows->numbers, rows->n * width);
}

static void put_rows(sy_text *text, const sy_page *page, const sy_costs *costs,
                     const carried *rows) {
  sy_text_add(text, ",\"rows\":{\"n\":%zu,\"all\":%zu,\"varying\":%zu", rows->n, rows->all,
              rows->n_varying);
  put_probabilities(text, page, rows);
  for (size_t i = 0; i < rows->n; i++) rows->numbers[i] = page->rows->ids[rows->rows[i]];
  sy_text_put(text, ",\"ids\":");
  sy_html_base64(text, rows->numbers, rows->n);
  if (page->rows->row_weights) {
    for (size_t i = 0; i < rows->n; i++) rows->numbers[i] = page->rows->row_weights[rows->rows[i]];
    sy_text_put(text, ",\"weights\":");
    sy_html_base64(text, rows->numbers, rows->n);
  }
  if (rows->n_varying > 0) put_values(text, costs, rows);
  sy_text_put(text, "}");
}

static void put_steps(sy_text *text, const sy_page_curves *curves) {
  const sy_steps *steps = &curves->carried;
  sy_text_add(text, ",\"steps\":{\"n\":%zu,\"all\":%zu,\"scores\":", steps->n, curves->steps.n);
  sy_html_base64(text, steps->scores, steps->n);
  sy_text_put(text, ",\"positives\":");
  sy_html_base64(text, steps->positives, steps->n);
  sy_text_put(text, ",\"negatives\":");
  sy_html_base64(text, steps->negatives, steps->n);
  sy_text_put(text, "}");
}

/* The stored decisions of the rows carried: their confusion and, of each cell, the sum of the cost
 * that differs by row. `rows` NULL: of all rows. */
static sy_status put_stored(sy_text *text, const sy_page *page, const sy_costs *costs,
                            const carried *rows, sy_error *error) {
  const sy_way *way = &page->review->ways[page->review->stored];
  size_t n_classes = page->n_classes, cells = n_classes * n_classes;
  double *confusion = sy_alloc_zero(cells, 2 * sizeof *confusion);
  if (!confusion) return sy_fail_memory(error);
  double *sums = confusion + cells;
  if (!rows) memcpy(confusion, way->metrics.confusion, cells * sizeof *confusion);
  for (size_t i = 0; rows && i < rows->n; i++) {
    size_t row = rows->rows[i];
    double weight = page->rows->row_weights ? page->rows->row_weights[row] : 1;
    size_t cell = (size_t)page->rows->ids[row] * n_classes + (size_t)page->rows->decisions[row];
    int32_t which = costs->n_varying ? costs->which[cell] : -1;
    confusion[cell] += weight;
    if (which >= 0) sums[cell] += weight * costs->values[row * costs->n_varying + (size_t)which];
  }
  sy_text_add(text, ",\"stored\":{\"word\":\"%s rule\",\"name\":", sy_page_kept(page));
  sy_page_put_name(text, way, true);
  sy_text_put(text, ",\"confusion\":");
  sy_html_json_numbers(text, confusion, cells);
  sy_text_put(text, ",\"sums\":");
  sy_html_json_numbers(text, sums, cells);
  sy_text_put(text, ",\"rule\":");
  if (page->rule)
    sy_html_json_numbers(text, page->rule, cells);
  else
    sy_text_put(text, "null");
  sy_text_put(text, "}");
  free(confusion);
  return SY_OK;
}

/* Costs as the fields have them at first: a factor of 1 where the cost differs by row. */
static void put_costs(sy_text *text, const sy_costs *costs) {
  size_t cells = costs->n_classes * costs->n_classes;
  sy_text_put(text, ",\"which\":[");
  for (size_t c = 0; c < cells; c++)
    sy_text_add(text, "%s%d", c ? "," : "", costs->n_varying ? (int)costs->which[c] : -1);
  sy_text_put(text, "],\"cost\":[");
  for (size_t c = 0; c < cells; c++) {
    if (c > 0) sy_text_put(text, ",");
    bool varies = costs->n_varying && costs->which[c] >= 0;
    sy_html_json_number(text, varies ? 1 : costs->fixed[c]);
  }
  sy_text_add(text, "],\"varies\":%s", costs->n_varying ? "true" : "false");
}

static void put_head(sy_text *text, const sy_page *page) {
  const sy_metrics *metrics = &page->review->ways[page->review->stored].metrics;
  sy_text_put(text, "<script type=\"application/json\" id=\"counts\">{\"classes\":[");
  for (size_t k = 0; k < page->n_classes; k++) {
    if (k > 0) sy_text_put(text, ",");
    sy_html_json(text, page->classes[k]);
  }
  sy_text_add(text, "],\"positive\":%d,\"priced\":%s,\"support\":[", page->review->positive,
              page->review->priced ? "true" : "false");
  for (size_t k = 0; k < page->n_classes; k++) {
    if (k > 0) sy_text_put(text, ",");
    sy_html_json_number(text, metrics->per_class[k].support);
  }
  sy_text_put(text, "]");
}

sy_status sy_page_put_live_data(sy_text *text, const sy_page *page, const sy_page_curves *curves,
                                sy_error *error) {
  bool by_steps = page->review->positive >= 0 && curves->costs.n_varying == 0;
  carried rows = {0};
  sy_status status = by_steps ? SY_OK : choose_rows(page, &curves->costs, &rows, error);
  if (status == SY_OK) {
    put_head(text, page);
    put_costs(text, &curves->costs);
    if (by_steps)
      put_steps(text, curves);
    else
      put_rows(text, page, &curves->costs, &rows);
    status = put_stored(text, page, &curves->costs, by_steps ? NULL : &rows, error);
    sy_text_put(text, "}</script>\n");
  }
  carried_clear(&rows);
  return status;
}
