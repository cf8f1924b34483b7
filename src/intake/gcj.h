#ifndef WF_INTAKE_GCJ_H
#define WF_INTAKE_GCJ_H
/** The offset systems of Chinese web maps by their public formulas. Degrees; in place. The official algorithm is not
 *  published: against it the accuracy is about 1 m. Outside 72.004–137.8347 E, 0.8293–55.8271 N nothing is shifted. */
void wf_gcj_from_wgs(double *lon, double *lat);
/** Inverse by fixed-point steps: 0.06 mm against the formula. */
void wf_gcj_to_wgs(double *lon, double *lat);
void wf_gcj_to_bd(double *lon, double *lat);
/** Closed form and corrections: under 2 mm against the formula. */
void wf_gcj_from_bd(double *lon, double *lat);
#endif
