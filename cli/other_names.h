/* other_names.h: options as other programs call them. */
#ifndef CLI_OTHER_NAMES_H
#define CLI_OTHER_NAMES_H

/* What is right in the place of an option that XGBoost, LightGBM or scikit-learn has under this
 * name (without dashes, words apart by - or _), for "fit has no option --eta; ..."; NULL where none
 * has it. */
const char *other_name(const char *name);

#endif
