/* Cells to numbers, coordinates and times. */
#include "base/random.h"
#include "intake/number.h"
#include "intake/when.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Random decimals of every length: the value is strtod's to the last bit. */
static void numbers_as_strtod(void **state) {
    (void)state;
    wf_random r;
    wf_random_seed(&r, 11, 1);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        int n = 0, whole = (int)wf_random_below(&r, 12), behind = (int)wf_random_below(&r, 18);
        if (wf_random_below(&r, 4) == 0)
            text[n++] = '-';
        for (int k = 0; k < whole; k++)
            text[n++] = (char)('0' + wf_random_below(&r, 10));
        if (behind > 0)
            text[n++] = '.';
        for (int k = 0; k < behind; k++)
            text[n++] = (char)('0' + wf_random_below(&r, 10));
        if (wf_random_below(&r, 10) == 0)
            n += snprintf(text + n, sizeof text - (size_t)n, "e%d", (int)wf_random_below(&r, 40) - 20);
        text[n] = '\0';
        char *end;
        double want = strtod(text, &end), got = 7.0;
        int ok = n > 0 && *end == '\0' && end != text;
        assert_int_equal(wf_number_read(text, (size_t)n, &got), ok);
        if (ok)
            assert_memory_equal(&want, &got, sizeof want);
    }
}

static void coordinate_forms(void **state) {
    (void)state;
    static const struct {
        const char *text;
        wf_cell_form form;
        double value;
    } rows[] = {{" 108.7925 ", WF_CELL_NUMBER, 108.7925},
                {"１０８．７９", WF_CELL_NUMBER, 108.79},
                {"108°47'59.0245\"", WF_CELL_DMS, 108 + 47 / 60.0 + 59.0245 / 3600},
                {"东经108°47′59″", WF_CELL_DMS, 108 + 47 / 60.0 + 59 / 3600.0},
                {"37度36分", WF_CELL_DMS, 37.6},
                {"37°36'S", WF_CELL_DMS, -37.6},
                {"37°61'", WF_CELL_BAD, 0},
                {"", WF_CELL_MISSING, 0},
                {"无", WF_CELL_MISSING, 0},
                {" - ", WF_CELL_MISSING, 0},
                {"　", WF_CELL_MISSING, 0}, /* behind others: it must not find what they left behind it */
                {"E", WF_CELL_BAD, 0},
                {"\\N", WF_CELL_MISSING, 0},
                {"0x10", WF_CELL_BAD, 0},
                {"inf", WF_CELL_BAD, 0},
                {"1e999", WF_CELL_BAD, 0},
                {"12-3", WF_CELL_BAD, 0},
                {"张家畔", WF_CELL_BAD, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double value = 0;
        assert_int_equal(wf_coordinate_read(rows[i].text, strlen(rows[i].text), &value), rows[i].form);
        assert_true(fabs(value - rows[i].value) < 1e-12);
    }
}

static void time_forms(void **state) {
    (void)state;
    static const char *const same[] = {"2025-03-01 15:05:00",    "2025-03-01T15:05:00+08:00",
                                       "2025-03-01T07:05:00Z",   "2025-03-01 02:05:00-0500",
                                       "2025/3/1 15:05",         "2025.3.1 15:05",
                                       "20250301150500",         "2025年3月1日 15时5分",
                                       "2025年3月1日15时5分0秒", "2025/3/1 下午 3:05",
                                       "2025/3/1 下午3:05",      "2025-3-1 3:05 PM",
                                       "45717.6284722222",       "1740812700",
                                       "1740812700000",          "2025-03-01 15:05:00.000",
                                       "2025-03-01 15-05-00",    "2025-03-01 15-05",
                                       "2025-03-01-15-05-00",    "2025-03-01T15-05-00+08:00",
                                       "2025-03-01 15-05+08:00", "2025-03-01 02:05-05"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        int64_t when = 0;
        assert_int_equal(wf_when_read(same[i], strlen(same[i]), &when), WF_WHEN_TIME);
        assert_int_equal(when, wf_when_of(2025, 3, 1) + 15 * 3600 + 5 * 60);
    }
    static const char *const bad[] = {"2025-02-29", "2025-13-01 00:00:00", "abc", "2025/1/1 25:00", "12", "1/2/2025"};
    int64_t when;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(wf_when_read(bad[i], strlen(bad[i]), &when), WF_WHEN_BAD);
    static const char *const missing[] = {"", "0", "无", "NULL", "/", "-"};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        assert_int_equal(wf_when_read(missing[i], strlen(missing[i]), &when), WF_WHEN_MISSING);
}

/* Every day of four centuries there and back, weekdays in step. */
static void calendar(void **state) {
    (void)state;
    int64_t day = wf_when_of(1900, 1, 1), year;
    unsigned month, date, weekday = wf_when_weekday(day);
    assert_int_equal(weekday, 0); /* a Monday */
    for (int i = 0; i < 146097; i++, day += 86400, weekday = (weekday + 1) % 7) {
        wf_when_date(day + 86399, &year, &month, &date);
        assert_int_equal(wf_when_of(year, month, date), day);
        assert_int_equal(wf_when_weekday(day), weekday);
    }
    assert_int_equal(wf_when_hour(-1), 23);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_as_strtod), cmocka_unit_test(coordinate_forms),
                                       cmocka_unit_test(time_forms), cmocka_unit_test(calendar)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
