/* profile.h: what the training held in a column, as a line of metadata:
 *
 *   steelyard.profile.COLUMN = weight=1000 rows=1000 missing=0.02 edges=1.5,3 shares=0.3,0.4,0.28
 *
 * Numbers are the shortest decimals that read back as the same doubles; without edges "edges=". A
 * text with codes has "codes=" and the codes of its bins there. */
#ifndef SY_ONNX_PROFILE_H
#define SY_ONNX_PROFILE_H

#include "base/text.h"
#include <steelyard/features.h>

#define SY_KEY_PROFILE "steelyard.profile."

struct sy_reading;
struct sy_input;

/* Adds the line of a profile; sets text->failed when out of memory. */
void sy_profile_put(sy_text *text, const sy_profile *profile);

/* Gives the inputs, in the order of the columns, the profiles that the metadata has. Fails with
 * SY_INVALID_MODEL for one that does not fit its column, is no profile, or is there twice. */
sy_status sy_reading_profiles(struct sy_reading *reading, struct sy_input *inputs);

#endif
