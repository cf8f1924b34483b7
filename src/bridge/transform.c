/* PROJ: one context and one operation a thread. */
#include "bridge/transform.h"
#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wf_transform {
    unsigned n_threads;
    PJ_CONTEXT **context;
    PJ **operation;
    char name[256];
    double accuracy_m;
};

static const char *or_default(const char *crs) {
    return crs == NULL || crs[0] == '\0' ? "EPSG:4490" : crs;
}

/* PROJ speaks on stderr of what the caller reports better. */
static void be_quiet(void *self, int level, const char *message) {
    (void)self, (void)level, (void)message;
}

static PJ *open_crs(PJ_CONTEXT *ctx, const char *crs) {
    PJ *pj = proj_create(ctx, crs);
    if (pj != NULL && !proj_is_crs(pj)) {
        proj_destroy(pj);
        pj = NULL;
    }
    return pj;
}

/* "WGS 84", "China 2000": one datum for this program. */
static int is_modern(PJ_CONTEXT *ctx, const PJ *crs) {
    PJ *datum = proj_crs_get_datum_forced(ctx, crs);
    const char *name = datum == NULL ? "" : proj_get_name(datum);
    int modern = strstr(name, "China 2000") != NULL || strstr(name, "World Geodetic System 1984") != NULL ||
                 strstr(name, "WGS 84") != NULL || strstr(name, "CGCS2000") != NULL || strstr(name, "GRS80") != NULL ||
                 strstr(name, "GRS 1980") != NULL;
    proj_destroy(datum);
    return modern;
}

int wf_transform_knows(const char *crs, int *geographic, int *modern) {
    PJ_CONTEXT *ctx = proj_context_create();
    proj_log_func(ctx, NULL, be_quiet);
    PJ *pj = open_crs(ctx, crs);
    int known = pj != NULL;
    if (known) {
        PJ_TYPE type = proj_get_type(pj);
        *geographic = type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
        *modern = is_modern(ctx, pj);
    }
    proj_destroy(pj);
    proj_context_destroy(ctx);
    return known;
}

static wf_code open_one(wf_transform *t, unsigned i, const char *from, const char *to, const double *area,
                        wf_error *err) {
    PJ_CONTEXT *ctx = t->context[i] = proj_context_create();
    if (ctx == NULL)
        return wf_fail_nomem(err);
    proj_log_func(ctx, NULL, be_quiet);
    proj_context_set_enable_network(ctx, 0);
    wf_code code = WF_OK;
    PJ *source = open_crs(ctx, from), *target = open_crs(ctx, to), *raw = NULL;
    PJ_AREA *bounds = proj_area_create();
    if (area != NULL)
        proj_area_set_bbox(bounds, area[0], area[1], area[2], area[3]);
    if (source == NULL || target == NULL) {
        code = wf_fail(err, WF_USAGE, "unknown coordinate system \"%s\": use AUTHORITY:CODE, GCJ-02 or BD-09",
                       source == NULL ? from : to);
        goto done;
    }
    int one_datum = is_modern(ctx, source) && is_modern(ctx, target);
    const char *const strict[] = {"ALLOW_BALLPARK=NO", NULL};
    raw = proj_create_crs_to_crs_from_pj(ctx, source, target, bounds, one_datum ? NULL : strict);
    PJ *usable = raw == NULL ? NULL : proj_normalize_for_visualization(ctx, raw);
    if (usable == NULL) {
        code = wf_fail(err, WF_USAGE,
                       "no known change of coordinates from %s to %s is better than a ballpark: convert the file with "
                       "the parameters of its survey first",
                       from, to);
        goto done;
    }
    t->operation[i] = usable;
    if (i == 0) {
        /* A list of operations has no name and accuracy of its own: the one for the middle of the area is chosen. */
        PJ_PROJ_INFO info = proj_pj_info(usable);
        snprintf(t->name, sizeof t->name, "%s", info.description == NULL ? "" : info.description);
        t->accuracy_m = info.accuracy > 0 ? info.accuracy : NAN;
    }
done:
    proj_area_destroy(bounds);
    proj_destroy(raw);
    proj_destroy(source);
    proj_destroy(target);
    return code;
}

wf_code wf_transform_open(wf_transform **out, const char *from, const char *to, const double *area, unsigned n_threads,
                          wf_error *err) {
    wf_transform *t = calloc(1, sizeof *t);
    wf_code code = WF_OK;
    if (t == NULL)
        return wf_fail_nomem(err);
    t->n_threads = n_threads;
    t->context = calloc(n_threads, sizeof(PJ_CONTEXT *));
    t->operation = calloc(n_threads, sizeof(PJ *));
    if (t->context == NULL || t->operation == NULL)
        code = wf_fail_nomem(err);
    for (unsigned i = 0; code == WF_OK && i < n_threads; i++)
        code = open_one(t, i, or_default(from), or_default(to), area, err);
    if (code != WF_OK) {
        wf_transform_close(t);
        return code;
    }
    *out = t;
    return WF_OK;
}

void wf_transform_close(wf_transform *t) {
    if (t == NULL)
        return;
    for (unsigned i = 0; i < t->n_threads; i++) {
        if (t->operation != NULL)
            proj_destroy(t->operation[i]);
        if (t->context != NULL && t->context[i] != NULL)
            proj_context_destroy(t->context[i]);
    }
    free(t->operation);
    free(t->context);
    free(t);
}

void wf_transform_points(const wf_transform *t, unsigned thread, unsigned n, double *x, double *y) {
    proj_trans_generic(t->operation[thread], PJ_FWD, x, sizeof *x, n, y, sizeof *y, n, NULL, 0, 0, NULL, 0, 0);
    for (unsigned i = 0; i < n; i++)
        if (!isfinite(x[i]) || !isfinite(y[i]))
            x[i] = y[i] = NAN;
}

const char *wf_transform_name(const wf_transform *t) {
    return t->name;
}

double wf_transform_accuracy_m(const wf_transform *t) {
    return t->accuracy_m;
}
