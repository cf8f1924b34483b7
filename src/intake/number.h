#ifndef WF_INTAKE_NUMBER_H
#define WF_INTAKE_NUMBER_H
#include <stddef.h>

/** What a cell of a coordinate column holds. */
typedef enum {
    WF_CELL_NUMBER,  /**< a decimal number */
    WF_CELL_MISSING, /**< empty, or one of the words that mean nothing was recorded: NULL, 无, 空, /, -, \N, NaN */
    WF_CELL_DMS,     /**< degrees, minutes and seconds: 108°47'59.02"E, 108度47分59秒, 东经108°47′59″ */
    WF_CELL_BAD      /**< anything else */
} wf_cell_form;

/** True for an empty text and the words that mean nothing was recorded. n bytes, no blanks at the ends. */
int wf_cell_missing(const char *text, size_t n);

/** Read the decimal number that fills n bytes: [+-]digits[.digits][e[+-]digits], value exactly as strtod gives it. 19
 *  digits and a small exponent take a fast exact path (Clinger 1990, "How to Read Floating Point Numbers Accurately").
 *  @return 1 when the whole text is a finite number, else 0 and *out untouched */
int wf_number_read(const char *text, size_t n, double *out);

/** Read one coordinate in any form; blanks at the ends are passed over, full-width digits and signs count as their
 *  ASCII twins. *out is set for NUMBER and DMS (degrees, negative for S and W, 南纬 and 西经). */
wf_cell_form wf_coordinate_read(const char *text, size_t n, double *out);
#endif
