/* Accounts of whole sources: empty, unusable, delivered twice. */
#include "stage/accounts.h"

typedef unsigned long long ull;

/* Rows whose coordinates could be read, wherever they lie. */
static uint64_t usable_rows(const wf_accounts *a) {
    return a->assigned + a->outside + a->out_of_period;
}

static wf_code refuse(const wf_source *s, const wf_accounts *a, wf_error *err) {
    if (a->read == 0)
        return wf_fail(err, WF_INPUT, "%s: there are no rows", s->request->path);
    return wf_fail(err, WF_INPUT,
                   "%s: none of %llu rows has usable coordinates in columns \"%s\" and \"%s\": name the right ones "
                   "(fields.x and y, --x and --y)",
                   s->request->path, (ull)a->read, s->column_name[WF_COLUMN_X], s->column_name[WF_COLUMN_Y]);
}

static wf_code note_unusable(const wf_source *s, const wf_accounts *a, wf_notices *notices, wf_error *err) {
    if (a->read == 0)
        return wf_notices_add(notices, "", err, "%s: there are no rows", s->name);
    return wf_notices_add(notices, "I01", err,
                          "%s: none of %llu rows has usable coordinates in columns \"%s\" and \"%s\"", s->name,
                          (ull)a->read, s->column_name[WF_COLUMN_X], s->column_name[WF_COLUMN_Y]);
}

wf_code wf_accounts_check(uint32_t n, const wf_source *sources, const wf_accounts *accounts, const uint64_t *repeats,
                          wf_notices *notices, wf_error *err) {
    uint32_t n_usable = 0;
    for (uint32_t s = 0; s < n; s++)
        n_usable += usable_rows(&accounts[s]) > 0;
    if (n_usable == 0)
        return refuse(&sources[0], &accounts[0], err);
    for (uint32_t s = 0; s < n; s++) {
        if (usable_rows(&accounts[s]) == 0)
            WF_TRY(note_unusable(&sources[s], &accounts[s], notices, err));
        for (uint32_t of = 0; of < s; of++) {
            uint64_t k = repeats[(size_t)s * n + of], read = accounts[s].read;
            if (k > 0 && k * 2 >= read)
                WF_TRY(wf_notices_add(
                    notices, "I08", err, "%s: %llu of %llu rows (%.0f %%) have ids of %s: is it the same export twice?",
                    sources[s].name, (ull)k, (ull)read, 100.0 * (double)k / (double)read, sources[of].name));
        }
    }
    return WF_OK;
}
