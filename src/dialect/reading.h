/* reading.h: policies out of pieces of code, for the dialects that share a way of writing them. */
#ifndef SY_DIALECT_READING_H
#define SY_DIALECT_READING_H

#include "dialect/script.h"

#include <steelyard/weights.h>

/* Whether `name` is one of a list that ends in NULL; `names` may be NULL. */
bool sy_is_one_of(const char *name, const char *const *names);

/* Whether `name` is an option of any dialect that holds class weights. */
bool sy_is_option(const char *name);

/* Whether a map has class weights: it is an option's value, or none of its keys is an option. */
bool sy_is_class_map(const sy_node *map);

/* Of statements or a map's entries: fails where one of them holds class weights in one number, as
 * scale_pos_weight=9, and another gives a number to what is no known parameter: that would be a
 * class, and lost. */
sy_status sy_parameters_check(const sy_node *first, sy_error *error);

/* The node inside of a call that only says a type: 5.0 of np.float64(5.0); else the node. */
const sy_node *sy_node_plain(const sy_node *node);

/* The list that an array is made of, or NULL: [..], np.array([..]), torch.tensor([..]). */
const sy_node *sy_node_array(const sy_node *node);

/* true, True, TRUE, 1 or 'true', or the opposite. */
sy_status sy_read_boolean(const sy_node *node, bool *value, sy_error *error);

/* Policy of {class: weight, ..} or of [(class, weight), ..], each pair a list or a call of two. */
sy_status sy_read_pairs(const sy_node *pairs, sy_policy **policy, sy_error *error);

/* Policy of [weight, ..], by position. */
sy_status sy_read_array(const sy_node *list, sy_policy **policy, sy_error *error);

/* Policy of two classes of which the second weighs `ratio` times the first. */
sy_status sy_read_ratio(const sy_node *node, sy_policy **policy, sy_error *error);

#endif
