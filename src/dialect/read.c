/* read.c: which texts are class weights as other systems write them, and the reading of those.
 * A text is not to be taken away from sy_policy_parse by chance ("[PAD]=0,[UNK]=1" is a list of
 * classes), so it is looked at first, and read where it cannot be anything else. */
#include "dialect/dialects.h"

#include "base/error.h"
#include "dialect/lexer.h"
#include "dialect/reading.h"

#include <string.h>

/* --- is it code with class weights? --- */

static bool is_assignment(sy_token token) {
  return sy_token_is_mark(token, '=') || sy_token_is_mark(token, ':');
}

static sy_token after(sy_token token) {
  return sy_token_next(token.end);
}

/* Whether a word, or a string by what stands between its quotes, is one of the names. */
static bool names_one(sy_token token, const char *const *names) {
  size_t quote = token.kind == SY_TOKEN_STRING;
  const char *start = token.start + quote, *end = token.end - quote;
  for (; names && *names; names++)
    if (strlen(*names) == (size_t)(end - start) && memcmp(start, *names, strlen(*names)) == 0)
      return true;
  return false;
}

static bool is_option_token(sy_token token) {
  if (token.kind != SY_TOKEN_WORD && token.kind != SY_TOKEN_STRING) return false;
  for (size_t i = 0; i < SY_N_DIALECTS; i++)
    if (names_one(token, sy_dialects[i]->options)) return true;
  return false;
}

/* Whether a known call begins here: "torch.tensor(". */
static bool is_call(sy_token token) {
  static const char *const makers[] = {"array", "asarray", "dict", NULL};
  if (token.kind != SY_TOKEN_WORD || !sy_token_is_mark(after(token), '(')) return false;
  for (const char *c = token.end; c > token.start; c--)
    if (c[-1] == '.') {
      token.start = c;
      break;
    }
  for (size_t i = 0; i < SY_N_DIALECTS; i++)
    if (names_one(token, sy_dialects[i]->calls)) return true;
  return names_one(token, makers);
}

static bool opens(sy_token token) {
  return token.kind == SY_TOKEN_MARK && strchr("{[(", *token.start);
}

static bool closes(sy_token token) {
  return token.kind == SY_TOKEN_MARK && strchr("}])", *token.start);
}

/* Whether the bracket at `token` belongs to a class name: "[PAD]=0". */
static bool is_bracketed_name(sy_token token) {
  int open = 0;
  for (; token.kind != SY_TOKEN_END; token = after(token)) {
    open += opens(token);
    open -= closes(token);
    if (open == 0) return sy_token_is_mark(after(token), '=');
  }
  return false;
}

/* Whether any later word says that class weights are among the arguments of a call. */
static bool has_weights_inside(sy_token token) {
  for (; token.kind != SY_TOKEN_END; token = after(token)) {
    if (is_call(token)) return true;
    if (is_option_token(token) && is_assignment(after(token))) return true;
  }
  return false;
}

static bool is_code(const char *text) {
  sy_token token = sy_token_next(text), next = after(token);
  while ((sy_token_is_word(token, "import") || sy_token_is_word(token, "from")) &&
         next.kind == SY_TOKEN_WORD) {
    token = sy_token_next_line(token.end);
    next = after(token);
  }
  if (sy_token_is_mark(token, '{') || sy_token_is_mark(token, '['))
    return !is_bracketed_name(token);
  if (token.kind == SY_TOKEN_STRING) return is_option_token(token) && sy_token_is_mark(next, ':');
  if (token.kind != SY_TOKEN_WORD) return false;
  if (is_option_token(token) && is_assignment(next)) return true;
  if (sy_token_is_mark(next, '(')) return has_weights_inside(token);
  if (!sy_token_is_mark(next, '=')) return false;
  sy_token value = after(next);
  if (sy_token_is_mark(value, '{') || sy_token_is_mark(value, '[')) return true;
  return sy_token_is_mark(after(value), '(') && has_weights_inside(value);
}

/* --- reading code --- */

/* The class weights found so far. */
typedef struct finding {
  sy_policy *policy;
  const char *dialect;
  sy_error *error;
} finding;

static sy_status keep(finding *found, sy_policy *policy, const char *dialect) {
  /* "is_unbalance=false, scale_pos_weight=9": what is switched off does not contradict. */
  if (found->policy && sy_policy_is_none(policy)) {
    sy_policy_free(policy);
    return SY_OK;
  }
  if (found->policy && !sy_policy_is_none(found->policy)) {
    char first[SY_SHOWN_SIZE], second[SY_SHOWN_SIZE];
    sy_shown(sy_policy_text(found->policy), first);
    sy_shown(sy_policy_text(policy), second);
    sy_policy_free(policy);
    return sy_fail(found->error, SY_INVALID_WEIGHT,
                   "class weights are given twice: %s and %s; keep one of them", first, second);
  }
  sy_policy_free(found->policy);
  found->policy = policy;
  found->dialect = dialect;
  return SY_OK;
}

/* Asks the dialects in turn; *taken says whether one knew it. */
static sy_status offer(const sy_node *node, finding *found, bool *taken) {
  sy_status status = SY_OK;
  for (size_t i = 0; i < SY_N_DIALECTS && status == SY_OK && !*taken; i++) {
    sy_policy *policy = NULL;
    if (!sy_dialects[i]->read) continue;
    status = sy_dialects[i]->read(node, &policy, found->error);
    *taken = policy != NULL;
    if (policy) status = keep(found, policy, sy_dialects[i]->name);
  }
  return status;
}

static bool calls_weights(const sy_node *node) {
  for (size_t i = 0; i < SY_N_DIALECTS && node->kind == SY_NODE_CALL; i++)
    if (sy_is_one_of(sy_node_name(node), sy_dialects[i]->calls)) return true;
  return false;
}

static sy_status fail_option(const sy_node *node, sy_error *error) {
  char shown[SY_SHOWN_SIZE], key[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "%s=%s says no class weights; {class: weight, ..}, a list by position or "
                 "'balanced' would be right",
                 sy_shown(sy_node_key(node), key), sy_node_shown(node, shown));
}

/* Looks for class weights in a statement, and in its arguments where it is a call around them. */
static sy_status look(const sy_node *node, bool statement, finding *found, size_t *n_found) {
  bool option = sy_is_option(sy_node_key(node)), taken = false;
  size_t before = *n_found;
  sy_status status = SY_OK;
  if (statement || option || calls_weights(node)) status = offer(node, found, &taken);
  *n_found += taken;
  bool around = node->kind >= SY_NODE_MAP && !taken;
  if (status == SY_OK && around && node->kind == SY_NODE_MAP)
    status = sy_parameters_check(node->first, found->error);
  for (const sy_node *child = node->first; child && around && status == SY_OK; child = child->next)
    status = look(child, false, found, n_found);
  if (status == SY_OK && option && *n_found == before) status = fail_option(node, found->error);
  return status;
}

static sy_status read_code(const char *text, finding *found) {
  sy_script script;
  size_t n_found = 0;
  sy_status status = sy_script_read(text, &script, found->error);
  if (status == SY_OK) status = sy_parameters_check(script.first, found->error);
  for (const sy_node *node = script.first; node && status == SY_OK; node = node->next)
    status = look(node, true, found, &n_found);
  sy_script_clear(&script);
  char shown[SY_SHOWN_SIZE];
  if (status == SY_OK && n_found == 0)
    status = sy_fail(found->error, SY_INVALID_WEIGHT, "there are no class weights in '%s'",
                     sy_shown(text, shown));
  return status;
}

/* --- any text --- */

static sy_status read_texts(const char *text, finding *found) {
  sy_status status = SY_OK;
  for (size_t i = 0; i < SY_N_DIALECTS && status == SY_OK && !found->policy; i++) {
    if (!sy_dialects[i]->read_text) continue;
    status = sy_dialects[i]->read_text(text, &found->policy, found->error);
    found->dialect = sy_dialects[i]->name;
  }
  return status;
}

sy_status sy_dialect_read(const char *text, sy_policy **policy, const char **dialect,
                          sy_error *error) {
  finding found = {.error = error};
  *policy = NULL;
  if (dialect) *dialect = NULL;
  sy_status status = read_texts(text, &found);
  if (status == SY_OK && !found.policy && is_code(text)) status = read_code(text, &found);
  if (status != SY_OK || !found.policy) {
    sy_policy_free(found.policy);
    return status;
  }
  *policy = found.policy;
  if (dialect) *dialect = found.dialect;
  return SY_OK;
}
