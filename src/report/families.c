/* families.c: the families of models that were tried, on the screen and on the page. */
#include <steelyard/report.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/format.h"
#include "report/page.h"
#include "report/page_html.h"

enum { NAME_WIDTH = 12, LOSS_WIDTH = 10, VALUE_WIDTH = 18, DIFFERENCE_WIDTH = 32, TIME_WIDTH = 10 };

static bool is_cost(const sy_families *families) {
  return strcmp(families->measure, "average cost") == 0;
}

/* Log-loss has a column of its own, whatever chose. */
static bool is_log_loss(const sy_families *families) {
  return strcmp(families->measure, "log-loss") == 0;
}

static const char *measure_name(const sy_families *families) {
  return is_cost(families) ? "cost per 1000" : families->measure;
}

static sy_cell value_cell(const sy_families *families, double value) {
  return is_cost(families) ? sy_cell_money(1000 * value) : sy_cell_fixed(value, 4);
}

/* The sign says on which side of the one that is kept it lies. */
static sy_cell signed_cell(const sy_families *families, double value) {
  sy_cell plain = value_cell(families, value), cell;
  snprintf(cell.text, sizeof cell.text, "%s%.40s", value >= 0 ? "+" : "", plain.text);
  return cell;
}

/* "+0.0512 (+0.0203 to +0.0821)"; of the one that is kept, that it is. */
static sy_cell difference_cell(const sy_families *families, size_t i) {
  const sy_family_trial *trial = &families->trials[i];
  if (i == families->chosen) return sy_cell_text("<- kept", 8);
  sy_cell cell;
  snprintf(cell.text, sizeof cell.text, "%.18s (%.18s to %.18s)",
           signed_cell(families, trial->difference).text, signed_cell(families, trial->low).text,
           signed_cell(families, trial->high).text);
  return cell;
}

static sy_cell time_cell(double seconds) {
  sy_cell cell;
  snprintf(cell.text, sizeof cell.text, "%.*f s",
           seconds < 10    ? 2
           : seconds < 100 ? 1
                           : 0,
           seconds);
  return cell;
}

/* Where 0 lies in the interval of the difference. */
static bool may_be_chance(const sy_family_trial *trial) {
  return trial->low <= 0 && trial->high >= 0;
}

static void put_trial(sy_text *text, const sy_families *families, size_t i) {
  const sy_family_trial *trial = &families->trials[i];
  const char *name = sy_study_family_name(trial->family);
  sy_put_left(text, sy_cell_text(name, NAME_WIDTH), NAME_WIDTH);
  if (!trial->judged) {
    sy_text_add(text, "left out: %.*s\n", sy_text_fit(trial->trouble, 78), trial->trouble);
    return;
  }
  sy_put_right(text, sy_cell_fixed(trial->metrics.log_loss, 4), LOSS_WIDTH);
  if (!is_log_loss(families)) sy_put_right(text, value_cell(families, trial->value), VALUE_WIDTH);
  sy_put_right(text, time_cell(trial->seconds), TIME_WIDTH);
  sy_text_put(text, "   ");
  sy_put_left(text, difference_cell(families, i), DIFFERENCE_WIDTH);
  if (i != families->chosen) sy_text_put(text, may_be_chance(trial) ? "may be chance" : "worse");
  while (text->length && text->data[text->length - 1] == ' ') text->data[--text->length] = 0;
  sy_text_put(text, "\n");
}

sy_status sy_report_families(const sy_families *families, char **text, sy_error *error) {
  sy_text made = {0};
  sy_text_add(&made, "Families tried on %s unseen rows; the one of %s %s is kept\n",
              sy_cell_count((double)families->rows).text,
              families->greater_is_better ? "greatest" : "least", measure_name(families));
  sy_put_left(&made, sy_cell_text("model", NAME_WIDTH), NAME_WIDTH);
  sy_put_right(&made, sy_cell_text("log-loss", LOSS_WIDTH), LOSS_WIDTH);
  if (!is_log_loss(families))
    sy_put_right(&made, sy_cell_text(measure_name(families), VALUE_WIDTH), VALUE_WIDTH);
  sy_put_right(&made, sy_cell_text("time", TIME_WIDTH), TIME_WIDTH);
  sy_text_add(&made, "   against %s (95 %%)\n",
              sy_study_family_name(families->trials[families->chosen].family));
  for (size_t i = 0; i < families->n; i++) put_trial(&made, families, i);
  return sy_text_finish(&made, text, error);
}

static void put_page_cell(sy_text *text, sy_cell cell) {
  sy_html_element(text, "td", cell.text);
}

static void put_page_trial(sy_text *text, const sy_families *families, size_t i) {
  const sy_family_trial *trial = &families->trials[i];
  sy_text_put(text, "<tr>");
  sy_html_element(text, "th scope=\"row\"", sy_study_family_name(trial->family));
  if (!trial->judged) {
    sy_html_element(text, "td colspan=\"4\"", trial->trouble);
  } else {
    put_page_cell(text, sy_cell_fixed(trial->metrics.log_loss, 4));
    put_page_cell(text, value_cell(families, trial->value));
    put_page_cell(text,
                  i == families->chosen ? sy_cell_text("kept", 8) : difference_cell(families, i));
    put_page_cell(text, time_cell(trial->seconds));
  }
  sy_text_put(text, "</tr>");
}

void sy_page_put_families(sy_text *text, const sy_page *page) {
  const sy_families *families = page->families;
  if (!families) return;
  sy_text_put(text, "<section id=\"families\"><h2>Models tried</h2>\n<div class=\"scroll\" "
                    "tabindex=\"0\" role=\"region\" aria-label=\"Models tried\"><table "
                    "class=\"classes\"><caption>Models tried on the same unseen rows</caption>"
                    "<thead><tr>");
  const char *heads[] = {"model", "log-loss", measure_name(families), "against the best (95 %)",
                         "time of its fits"};
  for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
    sy_html_element(text, "th scope=\"col\"", heads[i]);
  sy_text_put(text, "</tr></thead><tbody>");
  for (size_t i = 0; i < families->n; i++) put_page_trial(text, families, i);
  sy_text_put(text, "</tbody></table></div>\n<p>The best was chosen by these rows, so its figures "
                    "are a little too hopeful.</p></section>\n");
}
