/* page_html.h: texts and numbers inside a page. Whatever a user named goes through here: nothing of
 * it can end the element, the attribute or the script it stands in. */
#ifndef SY_REPORT_PAGE_HTML_H
#define SY_REPORT_PAGE_HTML_H

#include "base/text.h"

/* Text of an element or a quoted attribute: & < > " ' as entities, control characters as blanks,
 * bytes that are no UTF-8 as U+FFFD. */
void sy_html_put(sy_text *text, const char *raw);

/* <TAG>raw</TAG>; attributes of the tag are written by the caller: sy_html_element(t, "td", "x").
 */
void sy_html_element(sy_text *text, const char *tag, const char *raw);

/* A JSON string with its quotes, for a script element: < > & are \u00xx too. */
void sy_html_json(sy_text *text, const char *raw);

/* A JSON number, null where it is not finite. */
void sy_html_json_number(sy_text *text, double value);

/* A JSON array of n numbers. */
void sy_html_json_numbers(sy_text *text, const double *values, size_t n);

/* A JSON string of n numbers, little-endian float64 in base64. */
void sy_html_base64(sy_text *text, const double *values, size_t n);

#endif
