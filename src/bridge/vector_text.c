/* Features to delimited text, so that one reader serves all formats. */
#include "bridge/vector_text.h"
#include "bridge/vector_open.h"
#include <ogr_api.h>
#include <string.h>
#include <strings.h>

static void write_quoted(FILE *to, const char *text) {
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

/* The first point of any geometry. */
static OGRGeometryH first_point(OGRGeometryH g) {
    while (g != NULL && OGR_G_GetGeometryCount(g) > 0)
        g = OGR_G_GetGeometryRef(g, 0);
    return g != NULL && OGR_G_GetPointCount(g) > 0 ? g : NULL;
}

static void write_feature(OGRFeatureH f, bool places, int n_fields, FILE *to) {
    OGRGeometryH point = first_point(OGR_F_GetGeometryRef(f));
    if (point != NULL)
        fprintf(to, "%.17g,%.17g", OGR_G_GetX(point, 0), OGR_G_GetY(point, 0));
    else if (places)
        fputc(',', to);
    for (int i = 0; i < n_fields; i++) {
        if (places || i > 0)
            fputc(',', to);
        if (OGR_F_IsFieldSetAndNotNull(f, i))
            write_quoted(to, OGR_F_GetFieldAsString(f, i));
    }
    fputc('\n', to);
}

wf_code wf_vector_text_write(const char *source, FILE *to, wf_error *err) {
    void *dataset, *layer;
    WF_TRY(wf_vector_open(source, &dataset, &layer, err));
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(layer);
    int n_fields = OGR_FD_GetFieldCount(defn);
    uint64_t n = 0;
    /* A table without geometry has its coordinates in columns, under their own names. */
    bool places = OGR_L_GetGeomType(layer) != wkbNone;
    if (places)
        fputs("lon,lat", to);
    for (int i = 0; i < n_fields; i++) {
        const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, i));
        if (places || i > 0)
            fputc(',', to);
        write_quoted(to, name);
        if (places && (strcasecmp(name, "lon") == 0 || strcasecmp(name, "lat") == 0))
            fputc('_', to);
    }
    fputc('\n', to);
    OGRFeatureH f;
    OGR_L_ResetReading(layer);
    for (; (f = OGR_L_GetNextFeature(layer)) != NULL; n++) {
        write_feature(f, places, n_fields, to);
        OGR_F_Destroy(f);
    }
    wf_code code = n > 0 ? WF_OK : wf_fail(err, WF_INPUT, "%s: there are no features", source);
    if (code == WF_OK && (fflush(to) != 0 || ferror(to)))
        code =
            wf_fail(err, WF_OUTPUT, "%s: the temporary file for its text cannot be written: is the disk full?", source);
    wf_vector_close(dataset);
    return code;
}
