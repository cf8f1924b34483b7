/* What a finding says to its reader: one sentence for each rule. */
#include "stage/defects.h"
#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const wf_defect *d;
    const char *first; /* code of the first grid, "" without one */
    const char *second;
    char grids[260]; /* "A, B, C and 9 more" */
    char area[32], thick[32], length[32];
    char *text;
    size_t room;
} sentence;

/* Three digits that matter, plain. */
static void say_number(double value, const char *unit, char *text, size_t room) {
    int decimals = !(value > 0) || value >= 100 ? 0 : value >= 1 ? 1 : (int)fmin(9, 1 - floor(log10(value)));
    snprintf(text, room, "%.*f %s", decimals, value, unit);
}

/* A text that filled its room may end within a character. */
static void cut_whole(char *text, size_t room) {
    size_t n = strlen(text), bad;
    while (n + 1 == room && n > 0 && !wf_text_is_utf8(text, n, &bad))
        text[--n] = '\0', room--;
}

static void say_grids(sentence *s, const wf_defects *defects, const wf_grids *g) {
    enum { SHOWN = 3 };
    uint32_t n = s->d->n_owners, shown = n > SHOWN + 1 ? SHOWN : n;
    size_t used = 0;
    for (uint32_t i = 0; i < shown && used < sizeof s->grids; i++)
        used += (size_t)snprintf(s->grids + used, sizeof s->grids - used, "%s%s",
                                 i == 0                     ? ""
                                 : i + 1 == n && shown == n ? " and "
                                                            : ", ",
                                 g->code[defects->owner[s->d->owner_first + i]]);
    if (shown < n && used < sizeof s->grids)
        snprintf(s->grids + used, sizeof s->grids - used, " and %u more", n - shown);
    cut_whole(s->grids, sizeof s->grids);
}

#define SAY(s, ...) snprintf((s)->text, (s)->room, __VA_ARGS__)

static void say_gap(const sentence *s) {
    bool outline = strcmp(s->d->rule, "G04") == 0, alone = s->d->n_owners == 0;
    SAY(s, "%s, up to %s thick, lie in no grid, %s%s%s; %s", s->area, s->thick,
        outline && alone                  ? "along the outline"
        : s->d->n_owners == 1 && !outline ? "inside "
                                          : "between ",
        s->grids, outline && !alone ? " and the outline" : "",
        s->d->severity == WF_NOISE    ? "within the floor, rounding of the shared border"
        : s->d->severity == WF_SLIVER ? "look for a border that was drawn twice"
                                      : "look for a grid that is missing or a border that was moved on one side only");
}

static void say_overlap(const sentence *s) {
    SAY(s, "%s, up to %s thick, lie in each of %s; %s", s->area, s->thick, s->grids,
        s->d->severity == WF_NOISE    ? "within the floor, rounding of the shared border"
        : s->d->severity == WF_SLIVER ? "look for a border that was drawn twice"
                                      : "look for an agreement on who keeps the place, then move one border");
}

static void say_vertices(const sentence *s) {
    if (s->d->n_vertices > 0)
        SAY(s,
            "%u %s exactly on the border of %s, along %s, and one of them lacks %s: no gap now, but one opens when the "
            "border is projected or simplified; add %s to both",
            s->d->n_vertices, s->d->n_vertices == 1 ? "vertex lies" : "vertices lie", s->grids, s->length,
            s->d->n_vertices == 1 ? "it" : "them", s->d->n_vertices == 1 ? "it" : "them");
    else
        SAY(s, "A vertex of one of %s is missing in the other: a face of %s, up to %s thick, is left; add it to both",
            s->grids, s->area, s->thick);
}

static void say_nesting(const sentence *s) {
    if (strcmp(s->d->rule, "G05") == 0)
        SAY(s, "%s of %s, up to %s thick, lie outside its parent %s; look at the parent code first, then at the border",
            s->area, s->first, s->thick, s->second);
    else if (s->d->see != UINT32_MAX)
        SAY(s, "%s of %s, up to %s thick, are not filled by its own grids: see defect %u", s->area, s->first, s->thick,
            s->d->see + 1);
    else
        SAY(s,
            "%s of %s, up to %s thick, are not filled by its own grids; look for a grid that is missing or filed under "
            "another parent",
            s->area, s->first, s->thick);
}

static void say_invalid(const sentence *s) {
    SAY(s, "The geometry of %s is invalid (%s)%s; draw it anew or export it again", s->first, s->d->kind,
        strcmp(s->d->kind, "self-crossing ring") == 0 ? ": places it encloses twice are taken as outside" : "");
}

static void say_multipart(const sentence *s) {
    SAY(s, "%s has more than one part; look whether the detached part belongs to it", s->first);
}

static void say_duplicate_code(const sentence *s) {
    SAY(s, "The code %s stands on more than one grid of level %u; give one of them a new code", s->first, s->d->level);
}

static void say_code(const sentence *s) {
    if (strcmp(s->d->kind, "parent code names no grid") == 0)
        SAY(s, "The parent code of %s names no grid of the file; correct it or add the parent", s->grids);
    else if (strcmp(s->d->kind, "level cannot be read") == 0)
        SAY(s,
            "The level of %s is missing or cannot be read, so it is checked against none; write it as a number 1 to 9",
            s->first);
    else
        SAY(s, "The code %s does not begin with its parent's; one of the two is wrong", s->first);
}

static void say_duplicate(const sentence *s) {
    SAY(s, "%s have the same geometry, %s; delete one or give it its own border", s->grids, s->area);
}

static void say_declared(const sentence *s) {
    SAY(s, "%s states an area of %.4g m², more than 1 %% off its geometry; look for another unit (mu, hectare, km²)",
        s->first, s->d->value);
}

static void say_size(const sentence *s) {
    SAY(s, "%s has %.0f households, outside the usual band of its kind; %s", s->first, s->d->value,
        strcmp(s->d->kind, "few households") == 0 ? "think of a merger with a neighbour" : "think of a split");
}

static void say_worker(const sentence *s) {
    if (strcmp(s->d->kind, "no worker") == 0)
        SAY(s, "%s has no worker", s->first);
    else
        SAY(s, "One worker is named on %u grids of level %u: %s; look for vacancies that were filled on paper",
            s->d->n_owners, s->d->level, s->grids);
}

static void say_outside(const sentence *s) {
    SAY(s, "%s of %s, up to %s thick, lie outside the outline; look which of the two borders is the newer", s->area,
        s->grids, s->thick);
}

static const struct {
    const char *rule;
    void (*say)(const sentence *s);
} rules[] = {{"G01", say_invalid}, {"G02", say_overlap},   {"G03", say_gap},       {"G04", say_gap},
             {"G05", say_nesting}, {"G06", say_vertices},  {"G07", say_multipart}, {"G08", say_duplicate_code},
             {"G09", say_code},    {"G10", say_duplicate}, {"G11", say_declared},  {"G12", say_size},
             {"G13", say_worker},  {"G14", say_outside},   {"G15", say_nesting}};

void wf_defects_describe(const wf_defects *defects, const wf_grids *grids, uint32_t i, char *text, size_t room) {
    const wf_defect *d = &defects->row[i];
    sentence s = {.d = d, .first = "", .second = "", .text = text, .room = room};
    if (d->n_owners > 0)
        s.first = grids->code[defects->owner[d->owner_first]];
    if (d->n_owners > 1)
        s.second = grids->code[defects->owner[d->owner_first + 1]];
    say_number(d->area_m2, "m²", s.area, sizeof s.area);
    say_number(d->thickness_m, "m", s.thick, sizeof s.thick);
    say_number(d->length_m, "m", s.length, sizeof s.length);
    say_grids(&s, defects, grids);
    text[0] = '\0';
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++)
        if (strcmp(rules[r].rule, d->rule) == 0)
            rules[r].say(&s);
}
