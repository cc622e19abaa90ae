/* onnx.h: a classifier <-> one ONNX file that runs anywhere. */
#ifndef STEELYARD_ONNX_H
#define STEELYARD_ONNX_H

#include <steelyard/classifier.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Newest version of the layout of the graphs written here; a reader takes older ones too, for
 * ever, and refuses newer ones. Written is the oldest that can hold the model: 4 for boosted trees,
 * 3 for networks and several labels a row, 2 for other logistic models. */
#define SY_MODEL_FORMAT 4

/** Writes a model as ONNX (IR 8, opset 15, ai.onnx.ml 3), whole or not at all. Graph inputs are the
 * raw features by column name, (N, 1) double or string, and for costs that vary by row what each
 * expression comes to, "cost: EXPRESSION", (N, 1) double; outputs `label` (N) string and
 * `probabilities` (N, K) double. The same model gives the same bytes.
 * Fails with SY_FILE_NOT_WRITTEN, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_model_save(const sy_model *model, const char *path, sy_error *error);

/** Reads a model that sy_model_save wrote; it predicts the same bits as before.
 * @param model  out; free with sy_model_free
 * Fails with SY_FILE_NOT_READ, SY_INVALID_MODEL (no ONNX file, cut short, damaged, not written by
 * steelyard, of a newer format; the text says which), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_model_open(const char *path, sy_model **model, sy_error *error);

/** Bytes of the ONNX file; free() them. See sy_model_save. */
SY_API sy_status sy_model_to_onnx(const sy_model *model, void **bytes, size_t *size,
                                  sy_error *error);

/** A model from the bytes of an ONNX file. See sy_model_open. */
SY_API sy_status sy_model_from_onnx(const void *bytes, size_t size, sy_model **model,
                                    sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
