/* page_plot.h: a plot that stands still, as SVG: a frame with ticks, curves, marks. */
#ifndef SY_REPORT_PAGE_PLOT_H
#define SY_REPORT_PAGE_PLOT_H

#include "base/text.h"

/* One axis: where it begins and ends, its ticks and what stands at each of them. */
typedef struct sy_plot_axis {
  double low, high;
  const char *label;
  size_t n_ticks;
  double ticks[12];
  char words[12][64];
} sy_plot_axis;

/* The frame of a plot being written. */
typedef struct sy_plot {
  sy_text *text;
  sy_plot_axis x, y;
  double width, height; /* of the drawing, in its own units */
} sy_plot;

/* 0 % to 100 % (0 to 1 where `percent` is not set). */
sy_plot_axis sy_plot_share_axis(const char *label, bool percent);

/* Round numbers from low to high, at most about five of them. */
sy_plot_axis sy_plot_amount_axis(const char *label, double low, double high);

/* Whole numbers from 0 to high, likewise. */
sy_plot_axis sy_plot_count_axis(const char *label, double high);

/* Thresholds, on the scale of their logit; low and high are logits. */
sy_plot_axis sy_plot_threshold_axis(const char *label, double low, double high);

/* The logit of a probability, kept within 1e-6 of 0 and 1. */
double sy_plot_logit(double p);

/* Opens the drawing: frame, grid, ticks and labels.
 * @param what  said of it to those who do not see it; escaped here */
sy_plot sy_plot_open(sy_text *text, const sy_plot_axis *x, const sy_plot_axis *y, double width,
                     double height, const char *what);

/* A line through n points in the axes' units; `stepped`: the y of a point holds from the point
 * before it. Points of NaN are left out. `class` is its CSS class. */
void sy_plot_line(sy_plot *plot, const char *class, const double *x, const double *y, size_t n,
                  bool stepped);

/* A point, lines across the frame, upright and level, and an upright bar from low to high. */
void sy_plot_dot(sy_plot *plot, const char *class, double x, double y, double radius);
void sy_plot_rule(sy_plot *plot, const char *class, double x);
void sy_plot_level(sy_plot *plot, const char *class, double y);
void sy_plot_bar(sy_plot *plot, double x, double low, double high);

void sy_plot_close(sy_plot *plot);

#endif
