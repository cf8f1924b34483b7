#ifndef WF_BRIDGE_MEASURE_H
#define WF_BRIDGE_MEASURE_H
#include "base/grids.h"

/** Fill a wf_measure for coordinates in degrees on the CGCS2000 ellipsoid (a = 6378137, f = 1/298.257222101; WGS 84
 *  differs by 0.1 mm in the minor axis), or, when !geographic, for planar metres. Thread safe, nothing to close. */
void wf_measure_init(wf_measure *out, bool geographic);
#endif
