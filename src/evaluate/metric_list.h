/* metric_list.h: metrics as a list of numbers, for what is done to each of them alike. */
#ifndef SY_EVALUATE_METRIC_LIST_H
#define SY_EVALUATE_METRIC_LIST_H

#include <steelyard/evaluate.h>

/* How many numbers metrics of n_classes are, without counts of rows, confusion matrix, the interval
 * of the average cost and the name of the best constant. */
size_t sy_metric_list_size(size_t n_classes);

/* Writes them to values (sy_metric_list_size). */
void sy_metric_list_get(const sy_metrics *metrics, double *values);

/* Takes them back, into metrics made by sy_metrics_make. */
void sy_metric_list_set(const double *values, sy_metrics *metrics);

#endif
