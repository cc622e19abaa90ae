/* page_option.h: --report FILE.html, the page of what was found. */
#ifndef CLI_PAGE_OPTION_H
#define CLI_PAGE_OPTION_H

#include <steelyard/report.h>

#include "settings.h"

/* Before any work: that the page can be written and overwrites nothing that is read (each source
 * may be NULL) or written; an exit code, having said what is wrong. Nothing without --report. */
int page_check(const settings *given, const char *source, const char *other_source);

/* Writes a page, whole or not at all; an exit code. */
int page_write(const char *path, const char *html);

/* Makes and writes the page of a review, where --report asks for one; an exit code.
 * @param subtitle  on what was judged
 * @param costs     of the judged rows as they were priced; NULL = 0 and 1
 * @param rule      costs by which the stored rule decides, see sy_page */
int page_of_review(const settings *given, const char *title, const char *subtitle,
                   const char *const *classes, const sy_review *review, const sy_costs *costs,
                   const double *rule, const sy_messages *notes);

#endif
