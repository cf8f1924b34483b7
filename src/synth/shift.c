/* Offsets of web maps and the transverse Mercator projection. Written from the formulas, apart from the reader's. */
#include "synth/shift.h"
#include <complex.h>
#include <math.h>

/* ---- GCJ-02, BD-09 ---------------------------------------------------------------------------------------------- */

/* Sum of amplitude · sin(frequency · π · t). */
static double waves(double t, int n, const double (*wave)[2]) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += wave[i][0] * sin(wave[i][1] * M_PI * t);
    return sum;
}

void wf_synth_to_gcj(double *lon, double *lat) {
    static const double along[][2] = {{20, 6}, {20, 2}},
                        north[][2] = {{20, 1}, {40, 1 / 3.}, {160, 1 / 12.}, {320, 1 / 30.}},
                        east[][2] = {{20, 1}, {40, 1 / 3.}, {150, 1 / 12.}, {300, 1 / 30.}};
    const double a = 6378245, ee = 0.00669342162296594323, x = *lon - 105, y = *lat - 35, phi = *lat * M_PI / 180;
    if (*lon < 72.004 || *lon > 137.8347 || *lat < 0.8293 || *lat > 55.8271)
        return;
    const double common = waves(x, 2, along), root = sqrt(fabs(x));
    double dn = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + (common + waves(y, 4, north)) * 2 / 3;
    double de = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (common + waves(x, 4, east)) * 2 / 3;
    const double m = 1 - ee * sin(phi) * sin(phi);
    *lat += dn * 180 / M_PI / (a * (1 - ee) / pow(m, 1.5));
    *lon += de * 180 / M_PI / (a / sqrt(m) * cos(phi));
}

void wf_synth_to_bd(double *lon, double *lat) {
    wf_synth_to_gcj(lon, lat);
    const double k = M_PI * 3000 / 180, z = hypot(*lon, *lat) + 0.00002 * sin(*lat * k),
                 theta = atan2(*lat, *lon) + 0.000003 * cos(*lon * k);
    *lon = z * cos(theta) + 0.0065;
    *lat = z * sin(theta) + 0.006;
}

/* Fixed-point search for what the forward formula leads to. */
static void invert(void (*forward)(double *, double *), double *lon, double *lat) {
    const double x = *lon, y = *lat;
    for (int step = 0; step < 12; step++) {
        double fx = *lon, fy = *lat;
        forward(&fx, &fy);
        *lon += x - fx;
        *lat += y - fy;
    }
}

void wf_synth_from_gcj(double *lon, double *lat) {
    invert(wf_synth_to_gcj, lon, lat);
}

void wf_synth_from_bd(double *lon, double *lat) {
    invert(wf_synth_to_bd, lon, lat);
}

/* ---- Gauss-Krüger ----------------------------------------------------------------------------------------------- */

static const double major = 6378137, flattening = 1 / 298.257222101;

/* Coefficients of the series in the third flattening n, and the radius of the rectifying sphere. */
static double series(double alpha[6], double beta[6]) {
    const double n = flattening / (2 - flattening), n2 = n * n, n3 = n2 * n, n4 = n3 * n, n5 = n4 * n, n6 = n5 * n;
    alpha[0] = n / 2 - 2 * n2 / 3 + 5 * n3 / 16 + 41 * n4 / 180 - 127 * n5 / 288 + 7891 * n6 / 37800;
    alpha[1] = 13 * n2 / 48 - 3 * n3 / 5 + 557 * n4 / 1440 + 281 * n5 / 630 - 1983433 * n6 / 1935360;
    alpha[2] = 61 * n3 / 240 - 103 * n4 / 140 + 15061 * n5 / 26880 + 167603 * n6 / 181440;
    alpha[3] = 49561 * n4 / 161280 - 179 * n5 / 168 + 6601661 * n6 / 7257600;
    alpha[4] = 34729 * n5 / 80640 - 3418889 * n6 / 1995840;
    alpha[5] = 212378941 * n6 / 319334400;
    beta[0] = n / 2 - 2 * n2 / 3 + 37 * n3 / 96 - n4 / 360 - 81 * n5 / 512 + 96199 * n6 / 604800;
    beta[1] = n2 / 48 + n3 / 15 - 437 * n4 / 1440 + 46 * n5 / 105 - 1118711 * n6 / 3870720;
    beta[2] = 17 * n3 / 480 - 37 * n4 / 840 - 209 * n5 / 4480 + 5569 * n6 / 90720;
    beta[3] = 4397 * n4 / 161280 - 11 * n5 / 504 - 830251 * n6 / 7257600;
    beta[4] = 4583 * n5 / 161280 - 108847 * n6 / 3991680;
    beta[5] = 20648693 * n6 / 638668800;
    return major / (1 + n) * (1 + n2 / 4 + n4 / 64 + n6 / 256);
}

void wf_synth_to_gauss(double meridian, double lon, double lat, double *easting, double *northing) {
    double alpha[6], beta[6], radius = series(alpha, beta), e = sqrt(flattening * (2 - flattening));
    const double phi = lat * M_PI / 180, lambda = (lon - meridian) * M_PI / 180;
    const double t = sinh(atanh(sin(phi)) - e * atanh(e * sin(phi)));
    const double complex zeta = atan2(t, cos(lambda)) + I * asinh(sin(lambda) / hypot(t, cos(lambda)));
    double complex z = zeta;
    for (int j = 0; j < 6; j++)
        z += alpha[j] * csin(2 * (j + 1) * zeta);
    *northing = radius * creal(z);
    *easting = 500000 + radius * cimag(z);
}

void wf_synth_from_gauss(double meridian, double easting, double northing, double *lon, double *lat) {
    double alpha[6], beta[6], radius = series(alpha, beta), e = sqrt(flattening * (2 - flattening));
    const double complex z = northing / radius + I * ((easting - 500000) / radius);
    double complex zeta = z;
    for (int j = 0; j < 6; j++)
        zeta -= beta[j] * csin(2 * (j + 1) * z);
    const double xi = creal(zeta), eta = cimag(zeta), conformal = asin(sin(xi) / cosh(eta));
    double phi = conformal;
    for (int step = 0; step < 20; step++) /* conformal to geodetic latitude */
        phi = asin(tanh(atanh(sin(conformal)) + e * atanh(e * sin(phi))));
    *lat = phi * 180 / M_PI;
    *lon = meridian + atan2(sinh(eta), cos(xi)) * 180 / M_PI;
}
