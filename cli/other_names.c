#include "other_names.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Where the name nearest in letters would be far from what is meant. */
static const struct {
  const char *theirs, *right;
} names[] = {
    {"eta", "here it is --learning-rate"},
    {"shrinkage-rate", "here it is --learning-rate"},
    {"lambda", "here it is --reg-lambda"},
    {"lambda-l2", "here it is --reg-lambda"},
    {"alpha", "here it is --reg-alpha, of networks --weight-decay, of logistic regression --l2"},
    {"lambda-l1", "here it is --reg-alpha"},
    {"min-split-loss", "here it is --gamma"},
    {"min-gain-to-split", "here it is --gamma"},
    {"min-sum-hessian-in-leaf", "here it is --min-child-weight"},
    {"num-boost-round", "here it is --rounds"},
    {"num-round", "here it is --rounds"},
    {"num-rounds", "here it is --rounds"},
    {"num-iterations", "here it is --rounds"},
    {"n-estimators", "here it is --rounds"},
    {"n-iter-no-change", "here it is --early-stopping-rounds, of networks --patience"},
    {"validation-fraction", "here it is --held-out"},
    {"num-leaves", "here it is --max-leaves"},
    {"bagging-fraction", "here it is --subsample"},
    {"feature-fraction", "here it is --colsample-bytree"},
    {"scale-pos-weight",
     "here it is --class-weight balanced, or --class-weight '{0: 1, 1: 20}' where it is 20"},
    {"is-unbalance", "here it is --class-weight balanced"},
    {"tree-method", "trees are always grown by hist"},
    {"booster", "the booster is always gbtree"},
    {"objective", "classes say which it is, and --loss another loss"},
    {"eval-metric", "early stopping always goes by the loss on the rows of --held-out"},
    {"base-score", "trees begin at the shares of the classes"},
    {"monotone-constraints", "constraints of trees are not offered"},
    {"interaction-constraints", "constraints of trees are not offered"},
    {"nthread", "here it is --threads"},
    {"n-jobs", "here it is --threads"},
    {"random-state", "here it is --seed"},
};

const char *other_name(const char *name) {
  const char *right = NULL;
  char *dashed = text_copy(name);
  for (char *c = dashed; *c; c++)
    if (*c == '_') *c = '-';
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !right; i++)
    if (strcmp(names[i].theirs, dashed) == 0) right = names[i].right;
  free(dashed);
  return right;
}
