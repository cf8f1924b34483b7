/* The rules on incidents. */
#include "tables/rules.h"

typedef struct {
    const char *code, *title;
} rule;

static const rule rules[WF_RULES] = {
    [WF_RULE_NONE] = {"", ""},
    [WF_I01] = {"I01", "no coordinates"},
    [WF_I02] = {"I02", "coordinates are 0, 0"},
    [WF_I03] = {"I03", "longitude and latitude were swapped"},
    [WF_I04] = {"I04", "read from degrees, minutes and seconds"},
    [WF_I05] = {"I05", "projected values in a geographic column"},
    [WF_I06] = {"I06", "outside every grid"},
    [WF_I07] = {"I07", "a default point: 20 or more rows of 3 or more categories share these coordinates"},
    [WF_I08] = {"I08", "the id was met before"},
    [WF_I09] = {"I09", "the same report twice: same category within 30 m and 5 days"},
    [WF_I10] = {"I10", "recorded in another grid"},
    [WF_I11] = {"I11", "the recorded code names no grid"},
    [WF_I12] = {"I12", "closed before it was reported"},
    [WF_I13] = {"I13", "reported in the future"},
    [WF_I14] = {"I14", "unknown category"},
    [WF_I15] = {"I15", "broken characters"},
    [WF_I16] = {"I16", "the id was damaged by a spreadsheet"},
    [WF_I17] = {"I17", "the row cannot be read"},
    [WF_C01] = {"C01", "the coordinate system is unlike its label"},
    [WF_C02] = {"C02", "no system stated in a group of mixed systems: read in the group's declared system"},
};

const char *wf_rule_code(wf_rule code) {
    return rules[code].code;
}

const char *wf_rule_title(wf_rule code) {
    return rules[code].title;
}
