/* curve.h: the curve of a training as a note of a model holds it, as a table. */
#ifndef SY_REPORT_CURVE_H
#define SY_REPORT_CURVE_H

#include "base/text.h"

/* Puts a heading and at most about twelve lines, an epoch (a round of boosted trees) each; nothing
 * where `note` (of the key SY_NOTE_CURVE) is NULL or none of its parts can be read. */
void sy_put_curve(sy_text *text, const char *note, bool of_rounds);

#endif
