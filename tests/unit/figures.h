#ifndef WF_TESTS_FIGURES_H
#define WF_TESTS_FIGURES_H
/* Grids drawn by hand in the plane, and findings as text. */
#include "coverage/check.h"
#include "../plain.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const wf_check_params exact = {.measure = &plain};

/* Grids as text: "x y x y …" a ring, "/" the next ring, "|" the next part, ";" the next grid. */
static void draw(const char *text, wf_arena *arena, wf_grids *g) {
    static char codes[64][12];
    wf_polygons_builder b;
    wf_error err;
    wf_polygons_begin(&b, arena);
    uint32_t n = 1;
    wf_polygons_grid(&b);
    wf_polygons_part(&b);
    wf_polygons_ring(&b);
    for (char *end; *text != '\0';) {
        if (*text == ' ') {
            text++;
            continue;
        }
        if (*text == ';' || *text == '|' || *text == '/') {
            if (*text == ';') {
                wf_polygons_grid(&b);
                n++;
            }
            if (*text != '/')
                wf_polygons_part(&b);
            wf_polygons_ring(&b);
            text++;
            continue;
        }
        double x = strtod(text, &end), y = strtod(end, &end);
        wf_polygons_vertex(&b, x, y);
        text = end;
    }
    wf_polygons shape;
    assert_int_equal(wf_grids_init(g, n, arena, &err), WF_OK);
    assert_int_equal(wf_polygons_finish(&b, &shape, &err), WF_OK);
    g->shape = shape;
    for (uint32_t i = 0; i < n; i++) {
        snprintf(codes[i], sizeof codes[i], "%02u", i);
        g->code[i] = codes[i];
    }
}

/* Findings as "rule:owners:area" in the order of the rows, ">see" and "!excused" behind; information left out. */
static void print_findings(const wf_defects *d, char *out, size_t room) {
    out[0] = '\0';
    for (uint32_t i = 0; i < d->n; i++) {
        const wf_defect *r = &d->row[i];
        if (r->severity == WF_INFORMATION)
            continue;
        size_t used = strlen(out);
        used += (size_t)snprintf(out + used, room - used, "%s%s:", used == 0 ? "" : " ", r->rule);
        for (uint32_t k = 0; k < r->n_owners; k++)
            used += (size_t)snprintf(out + used, room - used, "%s%u", k == 0 ? "" : "+", d->owner[r->owner_first + k]);
        if (!isnan(r->area_m2))
            used += (size_t)snprintf(out + used, room - used, ":%g", r->area_m2);
        if (r->see != UINT32_MAX)
            used += (size_t)snprintf(out + used, room - used, ">%u", r->see);
        if (r->excused != UINT32_MAX)
            snprintf(out + used, room - used, "!%u", r->excused);
    }
}

#define A "0 0 10 0 10 10 0 10 0 0"
#define B "10 0 20 0 20 10 10 10 10 0"
#define C "0 10 10 10 10 20 0 20 0 10"
#define D "10 10 20 10 20 20 10 20 10 10"
#endif
