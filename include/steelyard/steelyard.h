/* steelyard.h: labels get weights, weights shape a loss, a loss fits a model, a model makes
 * decisions, decisions are evaluated. All public headers at once. */
#ifndef STEELYARD_H
#define STEELYARD_H

#include <steelyard/base.h>
#include <steelyard/classifier.h>
#include <steelyard/classifier_labels.h>
#include <steelyard/decide.h>
#include <steelyard/dialect.h>
#include <steelyard/evaluate.h>
#include <steelyard/features.h>
#include <steelyard/fit.h>
#include <steelyard/labels.h>
#include <steelyard/loss.h>
#include <steelyard/model.h>
#include <steelyard/onnx.h>
#include <steelyard/report.h>
#include <steelyard/report_labels.h>
#include <steelyard/store.h>
#include <steelyard/study.h>
#include <steelyard/study_families.h>
#include <steelyard/study_labels.h>
#include <steelyard/weights.h>

#endif
