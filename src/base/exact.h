#ifndef WF_BASE_EXACT_H
#define WF_BASE_EXACT_H
/** Exact geometric signs on doubles (adaptive expansion arithmetic after Shewchuk 1997, "Adaptive Precision
 *  Floating-Point Arithmetic and Fast Robust Geometric Predicates"). Inputs finite, no overflow or underflow of
 *  their products: |coordinate| < 1e100. Thread safe, no state. */

/** Sign of the signed area of a, b, c: > 0 when c lies left of a→b, 0 exactly on the line, < 0 right of it. */
int wf_exact_orient(double ax, double ay, double bx, double by, double cx, double cy);

/** 1 when p lies on the closed segment a–b, exactly. */
int wf_exact_on_segment(double ax, double ay, double bx, double by, double px, double py);
#endif
