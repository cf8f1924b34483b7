/* Versions as the libraries tell them at run time. */
#include "bridge/versions.h"
#include <gdal.h>
#include <proj.h>
#include <sodium.h>
#include <sqlite3.h>
#include <spatialite.h>
#include <yaml.h>

const wf_library *wf_libraries(uint32_t *n) {
    static wf_library list[6];
    list[0] = (wf_library){"GDAL", GDALVersionInfo("RELEASE_NAME")};
    list[1] = (wf_library){"PROJ", proj_info().version};
    list[2] = (wf_library){"SQLite", sqlite3_libversion()};
    list[3] = (wf_library){"SpatiaLite", spatialite_version()};
    list[4] = (wf_library){"libyaml", yaml_get_version_string()};
    list[5] = (wf_library){"libsodium", sodium_version_string()};
    *n = 6;
    return list;
}
