/* Remarks handed out in the order of the rows: those of the pass, put away in a file, merged with those that were found
 * at the end. */
#include "stage/stream_state.h"
#include <stdlib.h>
#include <string.h>

static const char *detail_of(const state *t, const note *n, char *room) {
    const wf_grids *g = &t->config.plan->grids;
    char text[CELL_BYTES];
    switch ((wf_rule)n->rule) {
    case WF_I09: {
        mark earlier = (mark)n->recorded << 32 | n->group;
        const chunk_place *c = &t->chunks[MARK_CHUNK(earlier)];
        snprintf(room, CELL_BYTES, "row %llu of %.200s: same category within %d m and %d days",
                 (unsigned long long)(c->first_row + MARK_NUMBER(earlier)), t->config.sources[c->source].name,
                 WF_NEAR_M, WF_NEAR_S / 86400);
        return room;
    }
    case WF_I10:
        snprintf(room, CELL_BYTES, "recorded in %s, lies in %s", g->code[n->recorded],
                 g->code[wf_plan_ancestor(t->config.plan, n->grid, g->level[n->recorded]) == UINT32_MAX
                             ? n->grid
                             : wf_plan_ancestor(t->config.plan, n->grid, g->level[n->recorded])]);
        return room;
    case WF_I11:
        wf_stream_text_at(t, n->at, WF_COLUMN_GRID, text);
        snprintf(room, CELL_BYTES, "\"%.300s\" names no grid", text);
        return room;
    case WF_I14:
        wf_stream_text_at(t, n->at, WF_COLUMN_CATEGORY, text);
        if (text[0] == '\0')
            return "no category";
        snprintf(room, CELL_BYTES, "unknown category \"%.300s\"", text);
        return room;
    case WF_I06:
        if (n->grid == UINT32_MAX)
            return wf_rule_title(WF_I06);
        snprintf(room, CELL_BYTES, "in %s but in none of its grids", g->code[n->grid]);
        return room;
    default:
        return wf_rule_title((wf_rule)n->rule);
    }
}

static wf_code note_crossing(wf_stream *s, const note *n, size_t *cap, wf_error *err) {
    const wf_plan *plan = s->state->config.plan;
    uint32_t in = wf_plan_ancestor(plan, n->grid, plan->grids.level[n->recorded]);
    if (in == UINT32_MAX)
        return WF_OK;
    if (s->n_crossed == *cap) {
        *cap = *cap == 0 ? 1024 : *cap * 2;
        uint64_t *grown = realloc(s->crossed, *cap * sizeof *grown);
        if (grown == NULL)
            return wf_fail_nomem(err);
        s->crossed = grown;
    }
    s->crossed[s->n_crossed++] = (uint64_t)n->recorded << 32 | in;
    return WF_OK;
}

static wf_code hand_out(wf_stream *s, const note *n, wf_remark_take take, void *self, wf_error *err) {
    const state *t = s->state;
    const chunk_place *c = &t->chunks[MARK_CHUNK(n->at)];
    char x[CELL_BYTES], y[CELL_BYTES], id[CELL_BYTES], detail[CELL_BYTES];
    wf_stream_text_at(t, n->at, WF_COLUMN_X, x);
    wf_stream_text_at(t, n->at, WF_COLUMN_Y, y);
    wf_stream_text_at(t, n->at, WF_COLUMN_ID, id);
    wf_remark r = {.source = &t->config.sources[c->source],
                   .row = c->first_row + MARK_NUMBER(n->at),
                   .rule = (wf_rule)n->rule,
                   .counted = n->counted,
                   .detail = detail_of(t, n, detail),
                   .x = x,
                   .y = y,
                   .id = id};
    s->n_by_rule[n->rule]++;
    return take(self, &r, err);
}

wf_code wf_stream_remarks(wf_stream *s, wf_remark_take take, void *self, wf_error *err) {
    state *t = s->state;
    note early;
    size_t late = 0, cap_crossed = 0;
    memset(s->n_by_rule, 0, sizeof s->n_by_rule);
    s->n_crossed = 0;
    rewind(t->notes);
    bool more = fread(&early, sizeof early, 1, t->notes) == 1;
    const chunk_place *last = t->chunks;
    while (more || late < t->n_late) {
        bool from_file = more && (late == t->n_late || wf_stream_note_order(&early, &t->late[late]) < 0);
        note n = from_file ? early : t->late[late];
        if (from_file)
            more = fread(&early, sizeof early, 1, t->notes) == 1;
        else
            late++;
        const chunk_place *c = &t->chunks[MARK_CHUNK(n.at)];
        if (c != last && last->source == c->source)
            wf_mapped_forget(&t->config.sources[c->source].text, last->start, c->start);
        last = c;
        if ((n.rule != WF_I08 && wf_stream_is_twin(t, n.at)) ||
            (n.rule == WF_C02 && !wf_rows_mixed(s->rows, c->source, n.group)))
            continue;
        if (n.rule == WF_I10)
            WF_TRY(note_crossing(s, &n, &cap_crossed, err));
        WF_TRY(hand_out(s, &n, take, self, err));
    }
    if (s->n_crossed > 0)
        qsort(s->crossed, s->n_crossed, sizeof *s->crossed, wf_stream_mark_order);
    for (uint32_t i = 0; i < t->config.n_sources; i++)
        WF_TRY(wf_source_whole(&t->config.sources[i], err));
    return ferror(t->notes) ? wf_fail(err, WF_INTERNAL, "a temporary file cannot be read back") : WF_OK;
}
