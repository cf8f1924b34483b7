#ifndef WF_BRIDGE_TRANSFORM_H
#define WF_BRIDGE_TRANSFORM_H
#include "base/error.h"

/** A change of coordinate system by PROJ. One handle for all threads; each thread uses its own number. */
typedef struct wf_transform wf_transform;

/** Open the best operation for an area.
 *
 *  WGS 84 and CGCS2000 count as one datum. A change between other datums for which PROJ knows only a ballpark is
 *  refused.
 *  @param from, to  AUTHORITY:CODE, WKT or PROJ string; "" counts as EPSG:4490
 *  @param area      west, south, east, north in degrees, where the points are; NULL: anywhere
 *  @return WF_OK; WF_USAGE for an unknown system or a refused change, with what to do; WF_NOMEM */
WF_CHECKED wf_code wf_transform_open(wf_transform **out, const char *from, const char *to, const double *area,
                                     unsigned n_threads, wf_error *err);
void wf_transform_close(wf_transform *transform);

/** Move n points in place; x is east or longitude, y north or latitude, degrees or metres. A point that cannot be moved
 *  becomes NaN. */
void wf_transform_points(const wf_transform *transform, unsigned thread, unsigned n, double *x, double *y);

/** PROJ's name of the operation; lives as long as the handle. */
const char *wf_transform_name(const wf_transform *transform);
/** Stated accuracy in metres; NaN where PROJ states none (also for the null change of WGS 84 and CGCS2000). */
double wf_transform_accuracy_m(const wf_transform *transform);

/** 1 when PROJ knows the system; *geographic tells degrees from metres, *modern whether its datum is that of WGS 84 and
 *  CGCS2000. */
int wf_transform_knows(const char *crs, int *geographic, int *modern);
#endif
