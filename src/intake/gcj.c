/* GCJ-02 and BD-09. A few sines a point. */
#include "intake/gcj.h"
#include <math.h>

static int outside(double lon, double lat) {
    return lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271;
}

void wf_gcj_from_wgs(double *lon, double *lat) {
    if (outside(*lon, *lat))
        return;
    const double a = 6378245.0, ee = 0.00669342162296594323, x = *lon - 105.0, y = *lat - 35.0;
    const double c = 20.0 * sin(6.0 * M_PI * x) + 20.0 * sin(2.0 * M_PI * x), root = sqrt(fabs(x));
    double dn = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root;
    dn += 2.0 / 3.0 *
          (c + 20.0 * sin(M_PI * y) + 40.0 * sin(M_PI / 3.0 * y) + 160.0 * sin(M_PI / 12.0 * y) +
           320.0 * sin(M_PI / 30.0 * y));
    double de = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root;
    de += 2.0 / 3.0 *
          (c + 20.0 * sin(M_PI * x) + 40.0 * sin(M_PI / 3.0 * x) + 150.0 * sin(M_PI / 12.0 * x) +
           300.0 * sin(M_PI / 30.0 * x));
    const double phi = *lat * M_PI / 180.0, s = sin(phi), m = 1.0 - ee * s * s, root_m = sqrt(m);
    *lat += dn * 180.0 / (M_PI * a * (1.0 - ee) / (m * root_m));
    *lon += de * 180.0 / (M_PI * (a / root_m) * cos(phi));
}

void wf_gcj_to_wgs(double *lon, double *lat) {
    const double glon = *lon, glat = *lat;
    for (int step = 0; step < 4; step++) {
        double flon = *lon, flat = *lat;
        wf_gcj_from_wgs(&flon, &flat);
        *lon -= flon - glon;
        *lat -= flat - glat;
    }
}

void wf_gcj_to_bd(double *lon, double *lat) {
    const double x = *lon, y = *lat, k = 3000.0 * M_PI / 180.0;
    const double z = sqrt(x * x + y * y) + 2e-5 * sin(k * y), theta = atan2(y, x) + 3e-6 * cos(k * x);
    *lon = z * cos(theta) + 0.0065;
    *lat = z * sin(theta) + 0.006;
}

void wf_gcj_from_bd(double *lon, double *lat) {
    const double blon = *lon, blat = *lat, k = 3000.0 * M_PI / 180.0, x = blon - 0.0065, y = blat - 0.006;
    const double z = sqrt(x * x + y * y) - 2e-5 * sin(k * y), theta = atan2(y, x) - 3e-6 * cos(k * x);
    *lon = z * cos(theta);
    *lat = z * sin(theta);
    for (int step = 0; step < 2; step++) {
        double flon = *lon, flat = *lat;
        wf_gcj_to_bd(&flon, &flat);
        *lon -= flon - blon;
        *lat -= flat - blat;
    }
}
