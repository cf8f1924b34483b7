/* Cells of CSV and strings of JSON. */
#include "report/cell.h"
#include <math.h>
#include <string.h>

void wf_cell_put(FILE *to, const char *text, size_t n, char delimiter) {
    int formula = n > 0 && (text[0] == '=' || text[0] == '+' || text[0] == '@' ||
                            (text[0] == '-' && n > 1 && (text[1] < '0' || text[1] > '9') && text[1] != '.'));
    int quote = memchr(text, delimiter, n) != NULL || memchr(text, '"', n) != NULL || memchr(text, '\n', n) != NULL ||
                memchr(text, '\r', n) != NULL;
    if (quote)
        fputc('"', to);
    if (formula)
        fputc('\'', to);
    if (!quote) {
        fwrite(text, 1, n, to);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            fputc('"', to);
        fputc(text[i], to);
    }
    fputc('"', to);
}

void wf_cell_write(FILE *to, const char *text, size_t n) {
    wf_cell_put(to, text, n, ',');
}

void wf_cell_number(FILE *to, double value, int decimals) {
    fputc(',', to);
    if (isfinite(value))
        fprintf(to, "%.*f", decimals, value);
}

void wf_cell_json(FILE *to, const char *text) {
    fputc('"', to);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fputc('\\', to);
        if ((unsigned char)*c < ' ')
            fprintf(to, "\\u%04x", (unsigned)*c);
        else
            fputc(*c, to);
    }
    fputc('"', to);
}
