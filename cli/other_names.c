#include "other_names.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Where the name nearest in letters would be far from what is meant. */
static const struct {
  const char *theirs, *right;
} names[] = {
    {"eta", "here it is --learning-rate"},
    {"shrinkage", "here it is --learning-rate"},
    {"shrinkage-rate", "here it is --learning-rate"},
    {"learning-rate-init", "here it is --learning-rate"},
    {"lr", "here it is --learning-rate"},
    {"lambda", "here it is --reg-lambda"},
    {"lambda-l2", "here it is --reg-lambda"},
    {"alpha", "here it is --reg-alpha, of networks --weight-decay, of logistic regression --l2"},
    {"l2-leaf-reg", "here it is --reg-lambda"},
    {"l2-regularization", "here it is --reg-lambda"},
    {"lambda-l1", "here it is --reg-alpha"},
    {"min-split-loss", "here it is --gamma"},
    {"min-gain-to-split", "here it is --gamma"},
    {"min-sum-hessian-in-leaf", "here it is --min-child-weight"},
    {"min-child-samples", "here it is --min-child-weight, a sum of second derivatives"},
    {"min-data-in-leaf", "here it is --min-child-weight, a sum of second derivatives"},
    {"min-samples-leaf", "here it is --min-child-weight, a sum of second derivatives"},
    {"num-boost-round", "here it is --rounds"},
    {"num-round", "here it is --rounds"},
    {"num-rounds", "here it is --rounds"},
    {"num-iterations", "here it is --rounds"},
    {"num-trees", "here it is --rounds"},
    {"n-estimators", "here it is --rounds"},
    {"iterations",
     "here it is --rounds, of networks --epochs, of logistic regression --max-iterations"},
    {"max-iter",
     "here it is --max-iterations of logistic regression, --epochs of networks, --rounds of trees"},
    {"early-stopping-round", "here it is --early-stopping-rounds"},
    {"od-wait", "here it is --early-stopping-rounds"},
    {"n-iter-no-change", "here it is --early-stopping-rounds, of networks --patience"},
    {"validation-fraction", "here it is --held-out"},
    {"test-size", "here it is --test, as --test 0.2"},
    {"depth", "here it is --max-depth"},
    {"num-leaves", "here it is --max-leaves"},
    {"max-leaf-nodes", "here it is --max-leaves"},
    {"border-count", "here it is --max-bin"},
    {"bagging-fraction", "here it is --subsample"},
    {"subsample-freq", "--subsample draws anew for each round"},
    {"bagging-freq", "--subsample draws anew for each round"},
    {"feature-fraction", "here it is --colsample-bytree"},
    {"feature-fraction-bynode", "here it is --colsample-bynode"},
    {"max-features", "here it is --colsample-bynode, a share"},
    {"rsm", "here it is --colsample-bylevel"},
    {"scale-pos-weight",
     "here it is --class-weight balanced, or --class-weight '{0: 1, 1: 20}' where it is 20"},
    {"is-unbalance", "here it is --class-weight balanced"},
    {"unbalance", "here it is --class-weight balanced"},
    {"auto-class-weights", "here it is --class-weight, as --class-weight balanced"},
    {"tree-method", "trees are always grown by hist"},
    {"booster", "the booster is always gbtree"},
    {"boosting", "the booster is always gbtree"},
    {"boosting-type", "the booster is always gbtree"},
    {"device", "trees are grown on processors alone"},
    {"gpu-id", "trees are grown on processors alone"},
    {"objective", "classes say which it is, and --loss another loss"},
    {"eval-metric", "early stopping always goes by the loss on the rows of --held-out"},
    {"base-score", "trees begin at the shares of the classes"},
    {"monotone-constraints", "constraints of trees are not offered"},
    {"interaction-constraints", "constraints of trees are not offered"},
    {"nthread", "here it is --threads"},
    {"n-jobs", "here it is --threads"},
    {"random-state", "here it is --seed"},
    {"random-seed", "here it is --seed"},
    {"verbose", "progress is shown on a terminal, and --json-log FILE gets a line a round"},
    {"verbosity", "progress is shown on a terminal, and --json-log FILE gets a line a round"},
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
