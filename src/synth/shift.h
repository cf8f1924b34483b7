#ifndef WF_SYNTH_SHIFT_H
#define WF_SYNTH_SHIFT_H
/** Coordinate systems as the generator writes them and reads them back for its truth: code of its own, so that it can
 *  judge the reader's. Degrees, in place. */
void wf_synth_to_gcj(double *lon, double *lat);
void wf_synth_from_gcj(double *lon, double *lat);
void wf_synth_to_bd(double *lon, double *lat);
void wf_synth_from_bd(double *lon, double *lat);

/** Gauss-Krüger on the CGCS2000 ellipsoid with a false easting of 500 km (Krüger 1912, series to the sixth order as in
 *  Karney 2011, "Transverse Mercator with an accuracy of a few nanometers"). Degrees to metres and back. */
void wf_synth_to_gauss(double meridian, double lon, double lat, double *easting, double *northing);
void wf_synth_from_gauss(double meridian, double easting, double northing, double *lon, double *lat);
#endif
