/* Categories, and when they are reported. */
#include "tables/categories.h"
#include "tables/embed.h"
#include <string.h>

WF_EMBED(wf_tables_categories, "src/tables/categories.csv");

const double wf_table_weekdays[7] = {1.08, 1.06, 1.04, 1.02, 1.03, 0.9, 0.87};

typedef struct {
    const char *name;
    unsigned char share[24];
} profile;

static const profile profiles[] = {
    {"patrol", {0, 0, 0, 0, 0, 0, 1, 4, 10, 13, 12, 7, 3, 4, 9, 12, 11, 8, 3, 2, 1, 0, 0, 0}},
    {"parking", {1, 0, 0, 0, 0, 0, 2, 9, 10, 6, 5, 5, 5, 4, 4, 5, 6, 9, 11, 8, 6, 3, 1, 0}},
    {"commerce", {0, 0, 0, 0, 0, 0, 1, 3, 5, 7, 8, 9, 7, 5, 5, 6, 8, 11, 11, 8, 4, 2, 0, 0}},
    {"night", {8, 4, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 5, 9, 14, 17, 14, 8}},
    {"hotline", {1, 0, 0, 0, 0, 1, 2, 5, 10, 12, 10, 7, 4, 5, 7, 8, 8, 6, 5, 4, 3, 1, 1, 0}},
    {"evening", {2, 1, 0, 0, 0, 0, 2, 4, 5, 5, 5, 5, 4, 4, 4, 5, 6, 8, 11, 12, 9, 5, 2, 1}},
    {"office", {0, 0, 0, 0, 0, 0, 0, 1, 13, 17, 14, 8, 2, 3, 14, 13, 9, 4, 1, 1, 0, 0, 0, 0}},
    {"heating", {1, 1, 1, 1, 1, 2, 5, 9, 10, 9, 7, 5, 4, 4, 4, 4, 4, 5, 6, 7, 6, 2, 1, 1}},
    {"rain", {3, 3, 3, 3, 3, 4, 4, 5, 5, 5, 4, 4, 4, 4, 5, 6, 6, 6, 5, 5, 4, 3, 3, 3}},
    {"snow", {1, 1, 1, 2, 3, 6, 12, 16, 14, 10, 7, 5, 4, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0}},
    {"flat", {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5}}};

const char *wf_table_categories(size_t *n) {
    *n = (size_t)(wf_tables_categories_end - wf_tables_categories);
    return wf_tables_categories;
}

const unsigned char *wf_table_hours(const char *name) {
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return profiles[i].share;
    return NULL;
}
