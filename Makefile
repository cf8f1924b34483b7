# wufeng: `make run` does everything, `make test` proves it.
SHELL := /bin/bash
.DEFAULT_GOAL := build/wufeng
.DELETE_ON_ERROR:

DEPS := gcc make pkg-config libgeos-dev libproj-dev libgdal-dev libspatialite-dev libsqlite3-dev \
        libsqlite3-mod-spatialite libyaml-dev libjson-c-dev libsodium-dev libcmocka-dev proj-data
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
CC := gcc
B := build
PKGS := gdal proj yaml-0.1 sqlite3 spatialite libsodium
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Wformat=2
CFLAGS ?= -O3 -g
override CFLAGS += -std=c17 -D_GNU_SOURCE $(WARN) -ffp-contract=off -fvisibility=hidden -pthread -Isrc -MMD -MP
VENDOR_CFLAGS = $(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g') -isystem /usr/include
LDLIBS = $(shell pkg-config --libs $(PKGS)) -lm -pthread
TEST_LDLIBS = -lgeos_c -lcmocka $(LDLIBS)

SRC := $(filter-out src/main.c,$(shell find src -name '*.c' | sort))
OBJ := $(SRC:src/%.c=$(B)/%.o)
TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c tests/property/test_*.c tests/fuzz/fuzz_*.c)))

$(B)/wufeng: $(B)/main.o $(B)/libwufeng.a
	$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/libwufeng.a: $(OBJ)
	@rm -f $@; ar rcs $@ $^
# Files that are compiled in by name: see src/tables/embed.h.
$(B)/tables/aliases.o: src/tables/field_aliases.csv
$(B)/tables/categories.o: src/tables/categories.csv
$(B)/bridge/store.o: src/bridge/schema.sql
$(B)/bridge/%.o: src/bridge/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(VENDOR_CFLAGS) -c -o $@ $<
$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
$(B)/tests/%: tests/%.c $(B)/libwufeng.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wno-conversion -o $@ $< $(B)/libwufeng.a $(TEST_LDLIBS)
$(B)/tests/bench/%: tests/bench/%.c $(B)/libwufeng.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(VENDOR_CFLAGS) -Wno-conversion -o $@ $< $(B)/libwufeng.a $(LDLIBS)
# The allocator of this one stands in front of that of the C library.
$(B)/tests/property/test_faults: TEST_LDLIBS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
-include $(shell find $(B) -name '*.d' 2>/dev/null)

ASAN_CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DWF_ARENA_MALLOC

.PHONY: deps run test bench lint format asan fuzz install clean
deps:
	@tests/lint/deps.sh $(DEPS)
run: deps
	@$(MAKE) -j$(JOBS) --no-print-directory -s $(B)/wufeng
	@tests/cli/run_samples.sh $(B)/wufeng
test: deps
	@$(MAKE) -j$(JOBS) --no-print-directory -s $(B)/wufeng
	@$(MAKE) -j$(JOBS) --no-print-directory -s test-build
	@tests/run.sh $(B)
.PHONY: test-build
test-build: $(TESTS)
BENCH := make_data peer_gdal peer_spatialite timed
bench: deps
	@$(MAKE) -j$(JOBS) --no-print-directory -s $(B)/wufeng $(BENCH:%=$(B)/tests/bench/%)
	@tests/bench/bench.sh $(B)
lint:
	@tests/lint/lint.sh
format:
	clang-format -i $$(git ls-files -co --exclude-standard 'src/*.c' 'src/*.h' 'tests/*.c')
asan:
	@$(MAKE) -j$(JOBS) --no-print-directory -s B=$(B)/asan CFLAGS="$(ASAN_CFLAGS)" $(B)/asan/wufeng test-build
	@ASAN_OPTIONS=detect_leaks=0 tests/run.sh $(B)/asan
# N times as many damaged texts as the tests try, under the sanitizers.
N ?= 50
fuzz:
	@$(MAKE) -j$(JOBS) --no-print-directory -s B=$(B)/asan CFLAGS="$(ASAN_CFLAGS)" $(B)/asan/wufeng test-build
	@for f in $(B)/asan/tests/fuzz/fuzz_*; do case $$f in *.d) continue;; esac; WF_FUZZ=$(N) ASAN_OPTIONS=detect_leaks=0 $$f || exit 1; done
install: $(B)/wufeng
	install -D -m 755 $(B)/wufeng $(DESTDIR)$(PREFIX)/bin/wufeng
clean:
	rm -rf $(B)
