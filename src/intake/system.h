#ifndef WF_INTAKE_SYSTEM_H
#define WF_INTAKE_SYSTEM_H
#include <stddef.h>

/** Names that people write for the coordinate systems of web maps and receivers in China. */
typedef enum {
    WF_SYSTEM_UNKNOWN,
    WF_SYSTEM_GEODETIC, /**< CGCS2000 or WGS 84 in degrees: one datum for this program */
    WF_SYSTEM_GCJ,      /**< GCJ-02: AMap, Tencent */
    WF_SYSTEM_BD        /**< BD-09: Baidu */
} wf_system;

/** Tell the system by its name: GCJ-02, GCJ02, gcj_02, 火星坐标, 高德, 腾讯; BD-09, BD09LL, 百度; CGCS2000, WGS84,
 *  WGS-84, EPSG:4490, EPSG:4326, 国家2000, 大地2000, GPS. ASCII letters in any case; blanks, - and _ are passed over.
 */
wf_system wf_system_find(const char *name, size_t n);

/** Move degrees of one of the known systems to geodetic ones, in place. */
void wf_system_to_geodetic(wf_system from, double *lon, double *lat);
/** Move geodetic degrees to one of the known systems, in place. */
void wf_system_from_geodetic(wf_system to, double *lon, double *lat);
#endif
