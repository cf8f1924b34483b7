/* The summary of a run on a terminal. */
#include "stage/summary.h"
#include "base/text.h"
#include "report/cell.h"
#include <math.h>
#include <string.h>

typedef unsigned long long ull;

enum { TOP = 5 };

/* Text in a column of so many places on a terminal, whatever script it is in. */
static void print_padded(FILE *to, const char *text, size_t width) {
    fputs(text, to);
    for (size_t n = wf_text_width(text); n < width; n++)
        fputc(' ', to);
}

static void print_verdict(const wf_store_facts *f, const wf_check_result *c, FILE *to) {
    fprintf(to, "job       %s, run date %s\n", f->job->name, f->job->date);
    fprintf(to, "verdict   the grids are %s at a floor of %.3f m%s; %s\n", c->seamless ? "SEAMLESS" : "NOT SEAMLESS",
            c->floor_m, c->seamless == c->seamless_strict ? "" : ", not strictly",
            c->outline ? "held against the outline" : "no outline given: only enclosed holes are gaps");
    fprintf(to, "grids     %u on %u levels, %u vertices, %s\n", c->n_grids, c->n_levels, c->n_vertices,
            f->plan->crs[0] == '\0' ? "coordinate system not stated" : f->plan->crs);
    fprintf(to, "defects   %u gaps, %.1f m²; %u overlaps, %.1f m²; %u invalid; %u of all are noise, %u information\n",
            c->n_gaps, c->gap_m2, c->n_overlaps, c->overlap_m2, c->n_invalid, c->n_noise, c->n_information);
    if (c->compared)
        fprintf(to, "          since the last earlier run: %u new, %u persisting, %u fixed\n", c->n_new,
                c->n_persisting, c->n_fixed);
    for (uint32_t i = 0; i < c->n_worst; i++)
        fprintf(to, "          %s %-16s %12.1f m²  %9.3f m thick  at %.6f %.6f  %.60s\n", c->worst[i].rule,
                c->worst[i].kind, c->worst[i].area_m2, c->worst[i].thickness_m, c->worst[i].x, c->worst[i].y,
                c->worst[i].codes);
}

static void print_accounts(const wf_store_facts *f, FILE *to) {
    const wf_accounts *a = &f->stream->total;
    fprintf(to,
            "incidents %llu read = %llu assigned + %llu outside + %llu rejected + %llu duplicates + %llu out of "
            "period\n",
            (ull)a->read, (ull)a->assigned, (ull)a->outside, (ull)a->rejected, (ull)a->duplicates,
            (ull)a->out_of_period);
    fprintf(to, "          of the assigned %llu on a border, %llu in an overlap\n", (ull)a->boundary, (ull)a->overlap);
    if (a->labelled > 0)
        fprintf(to, "          %llu of %llu whose recorded code names a grid lie in it (%.2f %%)\n", (ull)a->agree,
                (ull)a->labelled, 100.0 * (double)a->agree / (double)a->labelled);
    for (wf_rule rule = WF_I01; rule < WF_RULES; rule++)
        if (f->stream->n_by_rule[rule] > 0)
            fprintf(to, "          %s %8llu  %s\n", wf_rule_code(rule), (ull)f->stream->n_by_rule[rule],
                    wf_rule_title(rule));
}

/* Grids of the graded level by rank; without ranks nothing is said. */
static void print_loaded(const wf_store_facts *f, FILE *to) {
    const wf_grids *g = &f->plan->grids;
    for (uint32_t rank = 1; rank <= TOP; rank++)
        for (uint32_t i = 0; i < g->shape.n_grids; i++) {
            if (f->load->rank[i] != rank)
                continue;
            fputs(rank == 1 ? "loaded    " : "          ", to);
            print_padded(to, g->code[i], 18);
            print_padded(to, g->name[i], 26);
            fprintf(to, "%8llu incidents  %5.2f × the median  %s\n", (ull)f->load->incidents[i], f->load->ratio[i],
                    wf_grade_name((wf_grade)f->load->grade[i]));
        }
}

void wf_summary_notices(const wf_notices *notices, const char *margin, FILE *to) {
    for (uint32_t i = 0; i < notices->n; i++)
        fprintf(to, "%s%s%s%s\n", margin, notices->row[i].rule, notices->row[i].rule[0] == '\0' ? "" : " ",
                notices->row[i].text);
}

void wf_summary_notices_json(const wf_notices *notices, FILE *to) {
    for (uint32_t i = 0; i < notices->n; i++) {
        fputs(i == 0 ? ", \"notices\": [{\"rule\": " : ", {\"rule\": ", to);
        wf_cell_json(to, notices->row[i].rule);
        fputs(", \"text\": ", to);
        wf_cell_json(to, notices->row[i].text);
        fputs("}", to);
    }
    fputs(notices->n == 0 ? "" : "]", to);
}

void wf_summary_print(const wf_store_facts *facts, const wf_check_result *check, const wf_publication *publication,
                      FILE *to) {
    print_verdict(facts, check, to);
    print_accounts(facts, to);
    print_loaded(facts, to);
    wf_summary_notices(facts->notices, "notice    ", to);
    fprintf(to, "written   %s\n", publication->shown);
}
