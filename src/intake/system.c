/* Names of coordinate systems and the way between them. */
#include "intake/system.h"
#include "intake/gcj.h"
#include <string.h>

typedef struct {
    const char *name;
    wf_system system;
} known;

static const known names[] = {{"GCJ02", WF_SYSTEM_GCJ},
                              {"GCJ", WF_SYSTEM_GCJ},
                              {"火星坐标", WF_SYSTEM_GCJ},
                              {"火星坐标系", WF_SYSTEM_GCJ},
                              {"国测局", WF_SYSTEM_GCJ},
                              {"高德", WF_SYSTEM_GCJ},
                              {"高德坐标", WF_SYSTEM_GCJ},
                              {"腾讯", WF_SYSTEM_GCJ},
                              {"AMAP", WF_SYSTEM_GCJ},
                              {"BD09", WF_SYSTEM_BD},
                              {"BD09LL", WF_SYSTEM_BD},
                              {"BD", WF_SYSTEM_BD},
                              {"百度", WF_SYSTEM_BD},
                              {"百度坐标", WF_SYSTEM_BD},
                              {"BAIDU", WF_SYSTEM_BD},
                              {"CGCS2000", WF_SYSTEM_GEODETIC},
                              {"WGS84", WF_SYSTEM_GEODETIC},
                              {"EPSG:4490", WF_SYSTEM_GEODETIC},
                              {"EPSG:4326", WF_SYSTEM_GEODETIC},
                              {"GPS", WF_SYSTEM_GEODETIC},
                              {"国家2000", WF_SYSTEM_GEODETIC},
                              {"大地2000", WF_SYSTEM_GEODETIC},
                              {"2000坐标", WF_SYSTEM_GEODETIC},
                              {"OGC:CRS84", WF_SYSTEM_GEODETIC}};

wf_system wf_system_find(const char *name, size_t n) {
    char plain[64];
    size_t used = 0;
    for (size_t i = 0; i < n && used + 1 < sizeof plain; i++) {
        char c = name[i];
        if (c == '-' || c == '_' || c == ' ' || c == '\t')
            continue;
        plain[used++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    plain[used] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(plain, names[i].name) == 0)
            return names[i].system;
    return WF_SYSTEM_UNKNOWN;
}

void wf_system_to_geodetic(wf_system from, double *lon, double *lat) {
    if (from == WF_SYSTEM_BD)
        wf_gcj_from_bd(lon, lat);
    if (from == WF_SYSTEM_BD || from == WF_SYSTEM_GCJ)
        wf_gcj_to_wgs(lon, lat);
}

void wf_system_from_geodetic(wf_system to, double *lon, double *lat) {
    if (to == WF_SYSTEM_BD || to == WF_SYSTEM_GCJ)
        wf_gcj_from_wgs(lon, lat);
    if (to == WF_SYSTEM_BD)
        wf_gcj_to_bd(lon, lat);
}
