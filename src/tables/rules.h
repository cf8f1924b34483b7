#ifndef WF_TABLES_RULES_H
#define WF_TABLES_RULES_H
/** Rules on incidents, in the order of their codes. */
typedef enum {
    WF_RULE_NONE,
    WF_I01,
    WF_I02,
    WF_I03,
    WF_I04,
    WF_I05,
    WF_I06,
    WF_I07,
    WF_I08,
    WF_I09,
    WF_I10,
    WF_I11,
    WF_I12,
    WF_I13,
    WF_I14,
    WF_I15,
    WF_I16,
    WF_I17,
    WF_C01,
    WF_C02,
    WF_RULES
} wf_rule;

/** "I01"; "" for WF_RULE_NONE. */
const char *wf_rule_code(wf_rule rule);
/** What it says in a few words; "" for WF_RULE_NONE. */
const char *wf_rule_title(wf_rule rule);
#endif
