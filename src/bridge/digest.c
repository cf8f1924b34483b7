/* Checksums by libsodium. */
#include "bridge/digest.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 20 };

wf_code wf_digest_file(const char *path, char hex[65], uint64_t *n_bytes, wf_error *err) {
    unsigned char hash[crypto_hash_sha256_BYTES], *block = malloc(BLOCK_BYTES);
    crypto_hash_sha256_state state;
    FILE *file = fopen(path, "re");
    wf_code code = WF_OK;
    size_t n;
    if (block == NULL)
        code = wf_fail_nomem(err);
    else if (file == NULL)
        code = wf_fail(err, WF_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    if (code != WF_OK)
        goto done;
    crypto_hash_sha256_init(&state);
    for (*n_bytes = 0; (n = fread(block, 1, BLOCK_BYTES, file)) > 0; *n_bytes += n)
        crypto_hash_sha256_update(&state, block, n);
    if (ferror(file)) {
        code = wf_fail(err, WF_INPUT, "%s: cannot be read: %s", path, strerror(errno));
        goto done;
    }
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(hex, 65, hash, sizeof hash);
done:
    if (file != NULL)
        fclose(file);
    free(block);
    return code;
}
