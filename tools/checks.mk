# The targets that test, check, measure and make what is committed of the sources. The Makefile includes it.

# ---- Settings of the checks
# SPEC      which specs `make spec` runs: a file or a folder
# SANITIZE  1: build with ASan and UBSan, thread: with TSan, in a folder of its own
# MEMCHECK  1: run the specs under valgrind
# COVERAGE  1: build for gcov; what `make coverage` sets
# FUZZ      1: build for libFuzzer; what `make fuzz` sets
SPEC ?= spec
# what a setting was given, where it was
given = $(if $(filter file,$(origin $(1))),,$($(1)))
CLANG = $(shell command -v clang-14 || command -v clang || echo clang)
ifdef SANITIZE
  ifeq ($(SANITIZE),thread)
    # whose runtime can be preloaded; that of clang 14 can't
    CC := gcc
    SANITIZERS = -fsanitize=thread
    RUNTIME := $(shell $(CC) -print-file-name=libtsan.so)
    WATCH = TSAN_OPTIONS=history_size=4:print_suppressions=0:suppressions=$(CURDIR)/tools/races.supp
  else
    CC := $(CLANG)
    SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=undefined -shared-libasan
    RUNTIME := $(shell $(CC) -print-file-name=libclang_rt.asan-$(shell uname -m).so)
    WATCH = ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
            LSAN_OPTIONS=print_suppressions=0:suppressions=$(CURDIR)/tools/leaks.supp
  endif
  CFLAGS := -O1 -g -fno-omit-frame-pointer $(SANITIZERS)
  LDFLAGS := $(SANITIZERS) -Wl,-rpath,$(dir $(RUNTIME))
  HARDENING =
  UNDER ?= env LD_PRELOAD=$(RUNTIME):$(abspath $(BUILD))/alone.so $(WATCH)
endif
ifdef FUZZ
  CC := $(CLANG)
  CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
  HARDENING =
endif
ifdef COVERAGE
  CC := gcc
  CFLAGS := -O0 -g --coverage
  LDFLAGS := --coverage
  HARDENING =
  UNDER ?= env AIRLOCK_COVERAGE=$(abspath $(BUILD))/lines LUA_INIT_5_4=@$(CURDIR)/tools/cover.lua
endif
ifdef MEMCHECK
  UNDER ?= valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
                    --errors-for-leak-kinds=definite
endif
FUZZ_LIBS ?= $(call pkg,--libs libcurl libcrypto $(MICROHTTPD) $(LUA_PC))
TEST_LIBS ?= $(call pkg,--libs libcrypto)
LUA_LIBS ?= $(call pkg,--libs $(LUA_PC))
SUITE_ENV = export AIRLOCK_BUILD="$(abspath $(BUILD))" AIRLOCK_LUA="$(LUA_BIN)" AIRLOCK_UNDER="$(UNDER)"
BUSTED = $(ENV); $(SUITE_ENV); exec $(UNDER) $(LUA_BIN) tools/busted.lua $(BUSTED_FLAGS) $(SPEC)
CHECKED = $(if $(filter file,$(origin LUAS)),$(or $(LUA),5.4 jit),$(LUAS))

# ---- Programs that test the floors without Lua, and what the specs preload
PROGRAMS := $(patsubst spec/c/%.c,$(BUILD)/spec/%,$(wildcard spec/c/*.c))
HOSTS := $(patsubst spec/threads/%.c,$(BUILD)/spec/%,$(wildcard spec/threads/*.c))
UNFUZZED := fuzz/replay.c $(if $(MICROHTTPD),,fuzz/server.c)
TARGETS := $(patsubst fuzz/%.c,%,$(filter-out $(UNFUZZED),$(wildcard fuzz/*.c)))
FUZZED := $(CORE) $(if $(MICROHTTPD),$(addprefix src/server/,exchange.c listen.c peers.c server.c))
PRELOADED := $(BUILD)/deaf.so $(BUILD)/skewed.so $(if $(SANITIZE),$(BUILD)/alone.so)
GLIBC := $(shell getconf GNU_LIBC_VERSION 2>/dev/null) # it is glibc's malloc that fails
STARVE := $(if $(SANITIZE)$(COVERAGE),,$(if $(strip $(GLIBC)),$(BUILD)/starve.so))

programs: $(PROGRAMS) $(HOSTS) $(BUILD)/spec/replay $(PRELOADED) $(STARVE) ## build the C tests

$(PROGRAMS): $(BUILD)/spec/%: spec/c/%.c $(call object,$(GROUND) $(LAW) src/wire/store.c) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@) $(COMPILE) $(LDFLAGS) -MMD -MP -MF $@.d -MT $@ -o $@ $< $(filter %.o,$^) $(TEST_LIBS) -lm

$(HOSTS): $(BUILD)/spec/%: spec/threads/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@) $(COMPILE) $(LDFLAGS) -o $@ $< $(LUA_LIBS) -lpthread

$(BUILD)/fuzz/%.o: fuzz/%.c fuzz/fuzz.h $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$@) $(COMPILE) -DLLVMFuzzerTestOneInput=fuzz_$* -MMD -MP -c -o $@ $<

$(BUILD)/spec/replay: fuzz/replay.c $(TARGETS:%=$(BUILD)/fuzz/%.o) $(call object,$(FUZZED)) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@) $(COMPILE) $(LDFLAGS) '-DFUZZ_TARGETS=${TARGETS:%=X(%)}' -o $@ $< \
	  $(filter %.o,$^) $(FUZZ_LIBS) -lm

$(TARGETS:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: fuzz/%.c fuzz/fuzz.h $(call object,$(FUZZED)) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@) $(COMPILE) -fsanitize=fuzzer -o $@ $< $(filter %.o,$^) $(FUZZ_LIBS) -lm

$(BUILD)/starve.so: tools/starve.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) -O2 -g -fPIC -shared $(LUA_CFLAGS) -o $@ $<

$(BUILD)/alone.so $(BUILD)/deaf.so $(BUILD)/skewed.so: $(BUILD)/%.so: tools/%.c
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) -O2 -fPIC -shared -o $@ $<

-include $(PROGRAMS:%=%.d) $(TARGETS:%=$(BUILD)/fuzz/%.d)

# ---- Testing
test:                              ## set up, build and run the whole suite under all Luas there are
	@LUAS="$(LUAS)" tools/setup test
	@[ "$$AIRLOCK_BROWSER" = no ] || spec/browser/install || echo "browser: its specs are skipped"
	@[ "$$AIRLOCK_INTEROP" = no ] || tools/npm spec/interop || echo "interop: its specs are skipped"
	@[ "$$AIRLOCK_INTEROP" = no ] || tools/npm spec/mcp || echo "mcp: its specs are skipped"
	@MAKE='$(MAKE)' tools/test $(LUAS)
spec: all programs                 ## run the suite, or SPEC=spec/x_spec.lua, under one Lua
	@$(BUSTED)
spec-command: ; $(info $(BUSTED)) @:
lint:                              ## luacheck, widths, clang-format, cppcheck, clang-tidy, analyzer; both compilers
	@LUAS="$(LUAS)" tools/setup lint
	@MAKE='$(MAKE)' tools/lint
LINT_FLAGS = $(LUA_CFLAGS) $(LIB_CFLAGS) $(if $(KEYRING),$(call pkg,--cflags libsecret-1))
lint-flags: ; $(info -std=c11 -D_GNU_SOURCE -Isrc $(LINT_FLAGS)) @:
format:                            ## lay out the C sources as .clang-format says
	@tools/lint --format
setup:                             ## install what the tests and lint need (FOR="demo test lint sanitize memcheck")
	@LUAS="$(LUAS)" tools/setup $(or $(FOR),test lint)

# ---- Testing under a watch, or at length
THREADED = spec/store/threads_spec.lua spec/store/crowd_spec.lua spec/wire/fork_spec.lua spec/wire/stall_spec.lua \
           spec/server/server_spec.lua
sanitize:                          ## the suite under ASan and UBSan, Lua 5.4 and LuaJIT (LUAS=, SPEC=)
	@LUAS="$(CHECKED)" tools/setup test sanitize
	@MAKE='$(MAKE)' SANITIZE=1 tools/test $(CHECKED)
sanitize-threads:                  ## threads and forks under TSan, Lua 5.4 and LuaJIT (LUAS=, SPEC=)
	@LUAS="$(CHECKED)" tools/setup test races
	@MAKE='$(MAKE)' SANITIZE=thread SPEC="$(or $(call given,SPEC),$(THREADED))" tools/test $(CHECKED)
memcheck: CHECKED = $(if $(filter file,$(origin LUAS)),$(or $(LUA),5.4),$(LUAS))
memcheck:                          ## the suite under valgrind, Lua 5.4 (LUAS=, SPEC=)
	@LUAS="$(CHECKED)" tools/setup test memcheck
	@MAKE='$(MAKE)' MEMCHECK=1 tools/test $(CHECKED)
starve:                            ## let each allocation of every flow fail, under all Luas (LUAS="5.4 jit", FLOWS=)
	@$(MAKE) --no-print-directory $(PRESENT:%=starve-%)
$(LUAS:%=starve-%): starve-%: ; @$(MAKE) --no-print-directory LUA=$* run-starve
VALGRIND_STARVED = --soname-synonyms=somalloc=nouserintercepts --suppressions=tools/starve.supp
run-starve: UNDER := $(if $(MEMCHECK),$(UNDER) $(VALGRIND_STARVED))
run-starve: all $(STARVE)
	@$(ENV); $(SUITE_ENV); spec/starve/start $(FLOWS) && spec/starve/start onward $(FLOWS)
coverage: LINES = build/coverage-5.4/lines
coverage:                          ## which lines the suite runs, under Lua 5.4, into build/coverage-5.4/table.txt
	@LUAS=5.4 tools/setup test
	@rm -rf $(LINES) && mkdir -p $(LINES) && find build/coverage-5.4 -name '*.gcda' -delete
	-@MAKE='$(MAKE)' COVERAGE=1 TEST_LIMIT=3600 tools/test 5.4
	@lua5.4 tools/coverage.lua build/coverage-5.4 $(LINES) | tee build/coverage-5.4/table.txt
fuzz:                              ## each fuzzer for FUZZ_SECONDS (600), FUZZ_JOBS at once; TARGETS="url json" for some
	@LUAS="$(or $(LUA),5.4)" tools/setup build fuzz
	@MAKE='$(MAKE)' tools/fuzz $(TARGETS)
fuzzers: ${TARGETS:%=$(BUILD)/fuzz/%}
systems:                           ## `make demo`, `make test` in chroots (SYSTEMS="trixie sid"), into docs/systems.md
	@tools/setup systems
	@SYSTEMS_PAGE=docs/systems.md LUAS="$(LUAS)" tools/systems $(or $(SYSTEMS),trixie sid)
machines:                          ## the C tests on i386, arm64, s390x and with musl, into docs/systems.md
	@tools/setup systems
	@MACHINES_PAGE=docs/systems.md tools/machines $(MACHINES)
soak: SPEC := $(or $(call given,SPEC),spec/soak)
soak: override BUSTED_FLAGS := --pattern=_soak $(BUSTED_FLAGS)
soak: all                          ## an hour of traffic (SOAK_SECONDS=); storms on the store (ROUNDS=100 KILLS=1000)
	@LUAS="$(VERSION)" tools/setup test
	@export ROUNDS="$(ROUNDS)" KILLS="$(KILLS)" SOAK_SECONDS="$(SOAK_SECONDS)"; $(BUSTED)

# ---- Measuring
bench:                             ## measure beside plain C and beside the peers (bench/run.lua), into bench/RESULTS.md
	@LUAS="5.4 5.1 jit" tools/setup demo bench
	@tools/npm bench
	@exec lua5.4 bench/run.lua $(SECTIONS)
bench-nginx:                       ## nginx as a gateway, beside a cosocket by hand, into bench/NGINX.md
	@LUAS=jit tools/setup demo gateway
	@$(MAKE) --no-print-directory LUA=jit run-bench-nginx
run-bench-nginx: all ; @$(ENV); export AIRLOCK_BUILD="$(abspath $(BUILD))"; exec $(LUA_BIN) bench/nginx/run.lua

# ---- Making what is committed
pages: all                         ## write share/man and share/completion anew, after a change of lua/airlock/cli
	@mkdir -p share/man share/completion
	@$(ENV); exec $(LUA_BIN) tools/pages.lua
reference: all                     ## make docs/api and share/library out of the docstrings
	@rm -rf docs/api share/library
	@$(ENV); exec $(LUA_BIN) tools/reference.lua
html: all                          ## the same as pages of HTML, by LDoc, into build/html
	@LUAS="$(VERSION)" tools/setup html
	@rm -rf build/ldoc build/html
	@$(ENV); exec $(LUA_BIN) tools/reference.lua ldoc build/ldoc
	@cd build/ldoc && env -u LUA_PATH -u LUA_CPATH ldoc --fatalwarnings .
conformance:                       ## make docs/conformance.md out of the checklist and the specs' names
	@$(LUA_BIN) tools/conformance.lua
faults: all                        ## run spec/wire/fault_spec.lua and make docs/faults.md of what came out
	@AIRLOCK_FAULTS=docs/faults.md $(MAKE) --no-print-directory spec SPEC=spec/wire/fault_spec.lua
screenshots: export AIRLOCK_SCREENSHOTS = docs/images
screenshots: export AIRLOCK_BROWSER = yes
screenshots: all                   ## make the pictures in docs/images anew, with a real Chromium
	@LUAS="$(or $(LUA),5.4)" tools/setup test
	@spec/browser/install
	@mkdir -p docs/images
	@$(MAKE) --no-print-directory spec SPEC=spec/playground/browser_spec.lua BUSTED_FLAGS="--filter=pictures"

.PHONY: programs test spec spec-command lint lint-flags format setup sanitize sanitize-threads memcheck starve \
        $(LUAS:%=starve-%) run-starve coverage fuzz fuzzers systems machines soak bench bench-nginx run-bench-nginx \
        pages reference html conformance faults screenshots
