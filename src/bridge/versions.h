#ifndef WF_BRIDGE_VERSIONS_H
#define WF_BRIDGE_VERSIONS_H
#include <stdint.h>

/** A library and the version this process runs with. Static storage. */
typedef struct {
    const char *name, *version;
} wf_library;

/** The libraries that results depend on; their number goes to *n. */
const wf_library *wf_libraries(uint32_t *n);
#endif
