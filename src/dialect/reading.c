/* reading.c: policies out of pieces of code. */
#include "dialect/reading.h"

#include "base/error.h"
#include "base/memory.h"
#include "dialect/dialects.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool sy_is_one_of(const char *name, const char *const *names) {
  for (; names && *names; names++)
    if (strcmp(name, *names) == 0) return true;
  return false;
}

bool sy_is_option(const char *name) {
  for (size_t i = 0; i < SY_N_DIALECTS; i++)
    if (sy_is_one_of(name, sy_dialects[i]->options)) return true;
  return false;
}

bool sy_is_class_map(const sy_node *map) {
  if (map->kind != SY_NODE_MAP) return false;
  if (sy_is_option(sy_node_key(map))) return true;
  for (const sy_node *entry = map->first; entry; entry = entry->next)
    if (sy_is_option(sy_node_key(entry))) return false;
  return true;
}

static bool is_numpy(const sy_node *call) {
  return strncmp(call->text, "np.", 3) == 0 || strncmp(call->text, "numpy.", 6) == 0;
}

const sy_node *sy_node_plain(const sy_node *node) {
  static const char *const types[] = {"float", "int", "str", "bool", NULL};
  while (node->kind == SY_NODE_CALL && (is_numpy(node) || sy_is_one_of(node->text, types)) &&
         node->first && !node->first->key && !node->first->next)
    node = node->first;
  return node;
}

const sy_node *sy_node_array(const sy_node *node) {
  if (node->kind == SY_NODE_LIST) return node;
  static const char *const makers[] = {"array", "asarray", NULL};
  bool made = node->kind == SY_NODE_CALL && sy_is_one_of(sy_node_name(node), makers);
  for (size_t i = 0; i < SY_N_DIALECTS && !made && node->kind == SY_NODE_CALL; i++)
    made = sy_dialects[i]->read && sy_is_one_of(sy_node_name(node), sy_dialects[i]->calls);
  const sy_node *first = made ? node->first : NULL;
  return first && !first->key && first->kind == SY_NODE_LIST ? first : NULL;
}

/* A node as a number. Fails with SY_INVALID_WEIGHT where it is none that a weight can be; `what`
 * says of what ("class 'a'"). */
static sy_status read_number(const sy_node *node, const char *what, double *value,
                             sy_error *error) {
  char shown[SY_SHOWN_SIZE];
  const sy_node *plain = sy_node_plain(node);
  /* inf and nan are numbers too, to be refused as such: np.inf, float('nan'). */
  bool word = plain->kind == SY_NODE_WORD && plain->text[0] != '-';
  bool quoted = node->kind == SY_NODE_STRING;
  bool literal = plain->kind <= SY_NODE_WORD && !quoted;
  if (!literal || !sy_number_parse(word ? sy_node_name(plain) : plain->text, value))
    return sy_fail(error, SY_INVALID_WEIGHT, "the weight %s of %s is no number",
                   sy_node_shown(node, shown), what);
  if (*value >= 0 && isfinite(*value)) return SY_OK;
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "the weight %s of %s is not usable; it must be 0 or more and finite",
                 sy_node_shown(node, shown), what);
}

sy_status sy_read_boolean(const sy_node *node, bool *value, sy_error *error) {
  const sy_node *plain = sy_node_plain(node);
  const char *text = plain->kind <= SY_NODE_WORD ? plain->text : "";
  *value = strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
  if (*value || strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0) return SY_OK;
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT, "%s=%s: true or false would be right",
                 sy_node_key(node), sy_node_shown(node, shown));
}

/* A number names the class that it is written as, 1e3 the class 1000. */
static char *number_name(const char *text) {
  double value;
  char written[SY_NUMBER_SIZE];
  if (!strpbrk(text, "eE") || !sy_number_parse(text, &value)) return sy_copy_text(text);
  return sy_copy_text(sy_number_format(value, written));
}

/* The class that a node names: a text of its own; free() it. */
static sy_status read_class(const sy_node *node, char **name, sy_error *error) {
  const sy_node *plain = sy_node_plain(node);
  char shown[SY_SHOWN_SIZE];
  if (plain->kind > SY_NODE_WORD)
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "class weights: %s names no class; a text or a number would be right",
                   sy_node_shown(node, shown));
  *name = plain->kind == SY_NODE_NUMBER ? number_name(plain->text) : sy_copy_text(plain->text);
  return *name ? SY_OK : sy_fail_memory(error);
}

/* --- policies --- */

/* Classes and weights as they are found. */
typedef struct found {
  char **names;
  double *weights;
  size_t n;
} found;

static size_t count_children(const sy_node *node) {
  size_t n = 0;
  for (const sy_node *child = node->first; child; child = child->next) n++;
  return n;
}

static sy_status find_weight(const sy_node *class_name, const sy_node *weight, found *all,
                             sy_error *error) {
  sy_status status = read_class(class_name, &all->names[all->n], error);
  if (status != SY_OK) return status;
  char shown[SY_SHOWN_SIZE], what[SY_SHOWN_SIZE + 16];
  snprintf(what, sizeof what, "class '%s'", sy_shown(all->names[all->n], shown));
  return read_number(weight, what, &all->weights[all->n++], error);
}

/* The pair of a map's entry or of a list's element. */
static sy_status find_pair(const sy_node *child, found *all, sy_error *error) {
  if (child->key) return find_weight(child->key, child, all, error);
  bool pair =
      (child->kind == SY_NODE_LIST || child->kind == SY_NODE_CALL) && count_children(child) == 2;
  if (pair) return find_weight(child->first, child->first->next, all, error);
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "class weights: %s is no pair of a class and its weight, as ('a', 1.0)",
                 sy_node_shown(child, shown));
}

static sy_status find_all(const sy_node *parent, found *all, sy_policy **policy, sy_error *error) {
  for (const sy_node *child = parent->first; child; child = child->next) {
    sy_status status = find_pair(child, all, error);
    if (status != SY_OK) return status;
  }
  return sy_policy_explicit((const char *const *)all->names, all->weights, all->n, false, 0, policy,
                            error);
}

sy_status sy_read_pairs(const sy_node *pairs, sy_policy **policy, sy_error *error) {
  size_t n = count_children(pairs);
  found all = {sy_alloc_zero(n, sizeof *all.names), sy_alloc(n, sizeof *all.weights), 0};
  sy_status status =
      all.names && all.weights ? find_all(pairs, &all, policy, error) : sy_fail_memory(error);
  for (size_t k = 0; k < n && all.names; k++) free(all.names[k]);
  free(all.names);
  free(all.weights);
  return status;
}

sy_status sy_read_array(const sy_node *list, sy_policy **policy, sy_error *error) {
  size_t n = count_children(list), k = 0;
  if (n == 0) return sy_fail(error, SY_INVALID_WEIGHT, "no class weights are given");
  double *weights = sy_alloc(n, sizeof *weights);
  if (!weights) return sy_fail_memory(error);
  sy_status status = SY_OK;
  for (const sy_node *child = list->first; child && status == SY_OK; child = child->next, k++) {
    char what[48];
    snprintf(what, sizeof what, "class number %zu of the list", k);
    status = read_number(child, what, &weights[k], error);
  }
  if (status == SY_OK) status = sy_policy_by_position(weights, n, policy, error);
  free(weights);
  return status;
}

sy_status sy_read_ratio(const sy_node *node, sy_policy **policy, sy_error *error) {
  double weights[2] = {1, 0};
  sy_status status = read_number(node, "the second class", &weights[1], error);
  return status == SY_OK ? sy_policy_by_position(weights, 2, policy, error) : status;
}
