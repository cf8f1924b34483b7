#ifndef WF_TABLES_EMBED_H
#define WF_TABLES_EMBED_H
/** Put the bytes of a file into the program: `static const char name[], name_end[]` become its first byte and the one
 *  behind its last. The path is relative to the folder make runs in. */
#define WF_EMBED(name, path)                                                                                           \
    __asm__(".pushsection .rodata\n" #name ": .incbin \"" path "\"\n" #name "_end: .byte 0\n.popsection\n");           \
    extern const char name[] __attribute__((visibility("hidden")));                                                    \
    extern const char name##_end[] __attribute__((visibility("hidden")))
#endif
