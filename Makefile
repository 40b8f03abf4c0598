# Airlock · `make help` lists the targets

# ---- Settings: give any of them on the command line or in the environment
# LUA       which Lua: 5.1 5.2 5.3 5.4 jit, or an interpreter; left out: the newest whose headers are installed
# LUAS      which ones `all-luas`, `test`, `sanitize` and `memcheck` go through; LUA=5.4 on the command line leaves that one
# SPEC      which specs `make spec` runs, e.g. spec/reply_spec.lua
# V         1: show the whole commands
# COVERAGE  1: build for gcov; what `make coverage` sets
# FUZZ      1: build for libFuzzer; what `make fuzz` sets
# SANITIZE  1: build with ASan and UBSan, thread: with TSan, in a folder of its own; MEMCHECK=1: run the specs under valgrind
LUAS ?= $(if $(filter command,$(origin LUA)),$(LUA),5.1 5.2 5.3 5.4 jit)
SPEC ?= spec
PREFIX ?= /usr/local
PKG_CONFIG ?= pkg-config
CC ?= cc
CFLAGS ?= -O2 -g

# ---- The Lua to build for: its version, its name for pkg-config, its interpreter
FOUND := $(shell PKG_CONFIG="$(PKG_CONFIG)" tools/find-lua $(LUA))
VERSION := $(word 1,$(FOUND))
LUA_PC ?= $(word 2,$(FOUND))
LUA_BIN ?= $(word 3,$(FOUND))
ifeq ($(VERSION),)
  $(error No such Lua)
endif
BUILD ?= build/$(if $(FUZZ),fuzz,$(if $(COVERAGE),coverage-)$(if $(SANITIZE),$(if $(filter thread,$(SANITIZE)),tsan-,asan-))$(VERSION))

# ---- Flags
pkg = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
WARNINGS ?= -Wall -Wextra -Wshadow -Wundef -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wpointer-arith \
            -Wvla -Wformat=2 -Werror=return-type -Werror=implicit-function-declaration
ifeq ($(origin HARDENING),undefined)
  HARDENING := $(shell CC="$(CC)" tools/hardening)
endif
ifeq ($(shell uname -s),Darwin)
  AL_LDFLAGS = -bundle -undefined dynamic_lookup
else
  AL_LDFLAGS = -shared -Wl,-z,nodelete -Wl,-z,relro,-z,now,-z,noexecstack
endif
ifdef SANITIZE
  ifeq ($(SANITIZE),thread)
    # whose runtime can be preloaded; that of clang 14 can't
    CC := gcc
    SANITIZERS = -fsanitize=thread
    RUNTIME := $(shell $(CC) -print-file-name=libtsan.so)
    WATCH = TSAN_OPTIONS=history_size=4:print_suppressions=0:suppressions=$(CURDIR)/tools/races.supp
  else
    CC := $(shell command -v clang-14 || command -v clang || echo clang)
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
  CC := $(shell command -v clang-14 || command -v clang || echo clang)
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
  UNDER ?= valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite
endif
ifndef LUA_CFLAGS
  LUA_CFLAGS := $(call pkg,--cflags $(LUA_PC))
  NEEDED = $(LUA_PC)
endif
ifndef LIB_CFLAGS
  LIB_CFLAGS := $(call pkg,--cflags libcurl libcrypto libmicrohttpd)
endif
CORE_LIBS ?= $(call pkg,--libs libcurl libcrypto)
SERVER_LIBS ?= $(call pkg,--libs libmicrohttpd libcrypto)
FUZZ_LIBS ?= $(call pkg,--libs libcurl libcrypto libmicrohttpd $(LUA_PC))
TEST_LIBS ?= $(call pkg,--libs libcrypto)
DL_LIBS ?= $(if $(filter Linux,$(shell uname -s)),-ldl)
LUA_LIBS ?= $(call pkg,--libs $(LUA_PC))
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS) $(HARDENING) -Isrc \
          $(CPPFLAGS) $(CFLAGS) $(LUA_CFLAGS) $(LIB_CFLAGS)

# ---- What is built: four modules, and the programs that test the floors without Lua
GROUND := $(wildcard src/ground/*.c)
LAW := $(wildcard src/law/*.c)
CORE := $(GROUND) $(LAW) $(wildcard src/wire/*.c src/door/*.c)
ENTRY := $(wildcard src/entry/*.c)
COMMAND := $(wildcard src/command/*.c)
SERVER := $(GROUND) $(wildcard src/door/options.c src/door/mistake.c src/door/failure.c src/server/*.c)
say = $(if $(V),,@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo "  $(1)  $(2)";))
whole = @if nm -u $@ 2>/dev/null | grep '[ _]al_'; then echo '$@: this is in no file that it is linked from' >&2; exit 1; fi
object = $(1:src/%.c=$(BUILD)/%.o)
MODULES := $(BUILD)/airlock/core.so $(BUILD)/airlock/core_impl.so $(if $(wildcard src/server/*.c),$(BUILD)/airlock/server.so) $(BUILD)/airlock/command.so
PROGRAMS := $(patsubst spec/c/%.c,$(BUILD)/spec/%,$(wildcard spec/c/*.c))
HOSTS := $(patsubst spec/threads/%.c,$(BUILD)/spec/%,$(wildcard spec/threads/*.c))
TARGETS := $(patsubst fuzz/%.c,%,$(filter-out fuzz/replay.c,$(wildcard fuzz/*.c)))
STARVE := $(if $(SANITIZE)$(COVERAGE),,$(if $(shell getconf GNU_LIBC_VERSION 2>/dev/null),$(BUILD)/starve.so)) # it is glibc's malloc that fails
FUZZED := $(CORE) $(addprefix src/server/,exchange.c listen.c server.c)

all: $(MODULES)                    ## build for one Lua (LUA=5.1|5.2|5.3|5.4|jit)
all-luas: $(LUAS:%=all-%)          ## build for all Luas (LUAS="5.1 jit" for some)
programs: $(PROGRAMS) $(HOSTS) $(BUILD)/spec/replay $(BUILD)/deaf.so $(BUILD)/skewed.so $(STARVE) $(if $(SANITIZE),$(BUILD)/alone.so) ## build the C tests
$(LUAS:%=all-%): all-%: ; @$(MAKE) --no-print-directory LUA=$* all

$(BUILD)/airlock/core.so: $(call object,$(ENTRY))
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(CFLAGS) $(LDFLAGS) $(AL_LDFLAGS) -o $@ $(filter %.o,$^) $(DL_LIBS)
	$(whole)

$(BUILD)/airlock/core_impl.so: $(call object,$(CORE))
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(CFLAGS) $(LDFLAGS) $(AL_LDFLAGS) -o $@ $(filter %.o,$^) $(CORE_LIBS) -lm
	$(whole)

$(BUILD)/airlock/server.so: $(call object,$(SERVER))
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(CFLAGS) $(LDFLAGS) $(AL_LDFLAGS) -o $@ $(filter %.o,$^) $(SERVER_LIBS) -lm
	$(whole)

$(BUILD)/airlock/command.so: $(call object,$(COMMAND))
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(CFLAGS) $(LDFLAGS) $(AL_LDFLAGS) -o $@ $(filter %.o,$^)
	$(whole)

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
	$(call say,LD,$@) $(COMPILE) $(LDFLAGS) '-DFUZZ_TARGETS=${TARGETS:%=X(%)}' -o $@ $< $(filter %.o,$^) $(FUZZ_LIBS) -lm

$(TARGETS:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: fuzz/%.c fuzz/fuzz.h $(call object,$(FUZZED)) $(BUILD)/flags # FUZZ=1
	@mkdir -p $(@D)
	$(call say,LD,$@) $(COMPILE) -fsanitize=fuzzer -o $@ $< $(filter %.o,$^) $(FUZZ_LIBS) -lm

$(BUILD)/starve.so: tools/starve.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) -O2 -g -fPIC -shared $(LUA_CFLAGS) -o $@ $<

$(BUILD)/alone.so $(BUILD)/deaf.so $(BUILD)/skewed.so: $(BUILD)/%.so: tools/%.c
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) -O2 -fPIC -shared -o $@ $<

$(BUILD)/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$@) $(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/flags: FORCE | needed     # changes only when the flags do, and then everything is compiled again
	@mkdir -p $(@D)
	@echo '$(COMPILE)' | cmp -s - $@ || echo '$(COMPILE)' > $@

needed:
	@$(PKG_CONFIG) --exists $(NEEDED) libcurl libcrypto libmicrohttpd 2>/dev/null && command -v $(firstword $(CC)) >/dev/null || \
	  AIRLOCK_INSTALL=no PKG_CONFIG="$(PKG_CONFIG)" LUAS="$(VERSION)" tools/setup build

-include $(patsubst %.o,%.d,$(call object,$(CORE) $(ENTRY) $(SERVER) $(COMMAND))) $(PROGRAMS:%=%.d) $(TARGETS:%=$(BUILD)/fuzz/%.d)

# ---- Trying and testing
ENV = export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;" LUA_CPATH="$(abspath $(BUILD))/?.so;;"; \
      unset LUA_PATH_5_2 LUA_PATH_5_3 LUA_PATH_5_4 LUA_CPATH_5_2 LUA_CPATH_5_3 LUA_CPATH_5_4
BUSTED = $(ENV); export AIRLOCK_BUILD="$(abspath $(BUILD))" AIRLOCK_LUA="$(LUA_BIN)" AIRLOCK_UNDER="$(UNDER)"; \
         exec $(UNDER) $(LUA_BIN) tools/busted.lua $(BUSTED_FLAGS) $(SPEC)

demo:                              ## set up, build and run examples/demo.lua (LUA=, else Lua 5.4)
	@LUAS="$(or $(LUA),5.4)" tools/setup demo
	@$(MAKE) --no-print-directory LUA=$(or $(LUA),5.4) run-demo
run-demo: all examples/demo.lua ; @$(ENV); exec $(LUA_BIN) examples/demo.lua
env: ; $(info $(ENV)) @:           ## print what `eval` needs: eval "$(make -s env LUA=5.4)"
test:                              ## set up, build and run the whole suite under all Luas
	@LUAS="$(LUAS)" tools/setup test
	@spec/browser/install
	@tools/npm spec/interop
	@MAKE='$(MAKE)' tools/test $(LUAS)
spec: all programs                 ## run the suite, or SPEC=spec/x_spec.lua, under one Lua
	@$(BUSTED)
spec-command: ; $(info $(BUSTED)) @:
THREADED = spec/store/threads_spec.lua spec/store/crowd_spec.lua spec/wire/fork_spec.lua spec/wire/stall_spec.lua spec/server/server_spec.lua
CHECKED = $(if $(filter file,$(origin LUAS)),$(or $(LUA),5.4 jit),$(LUAS))
sanitize:                          ## the suite under ASan and UBSan, Lua 5.4 and LuaJIT (LUAS=, SPEC=)
	@LUAS="$(CHECKED)" tools/setup test sanitize
	@MAKE='$(MAKE)' SANITIZE=1 tools/test $(CHECKED)
sanitize-threads:                  ## threads and forks under TSan, Lua 5.4 and LuaJIT (LUAS=, SPEC=)
	@LUAS="$(CHECKED)" tools/setup test races
	@MAKE='$(MAKE)' SANITIZE=thread SPEC="$(if $(filter file,$(origin SPEC)),$(THREADED),$(SPEC))" tools/test $(CHECKED)
memcheck: CHECKED = $(if $(filter file,$(origin LUAS)),$(or $(LUA),5.4),$(LUAS))
memcheck:                          ## the suite under valgrind, Lua 5.4 (LUAS=, SPEC=)
	@LUAS="$(CHECKED)" tools/setup test memcheck
	@MAKE='$(MAKE)' MEMCHECK=1 tools/test $(CHECKED)
starve: $(LUAS:%=starve-%)         ## let each allocation of every flow fail, under all Luas (LUAS="5.4 jit", FLOWS=)
$(LUAS:%=starve-%): starve-%: ; @$(MAKE) --no-print-directory LUA=$* run-starve
run-starve: all $(STARVE)
	@$(ENV); export AIRLOCK_BUILD="$(abspath $(BUILD))" AIRLOCK_LUA="$(LUA_BIN)"; \
	  export AIRLOCK_UNDER="$(if $(MEMCHECK),$(UNDER) --soname-synonyms=somalloc=nouserintercepts --suppressions=tools/starve.supp)"; \
	  spec/starve/start $(FLOWS) && spec/starve/start onward $(FLOWS)
.PHONY: starve $(LUAS:%=starve-%) run-starve
coverage: LINES = build/coverage-5.4/lines
coverage:                          ## which lines of C and Lua the suite runs, under Lua 5.4: build/coverage-5.4/table.txt
	@LUAS=5.4 tools/setup test
	@rm -rf $(LINES) && mkdir -p $(LINES) && find build/coverage-5.4 -name '*.gcda' -delete
	-@MAKE='$(MAKE)' COVERAGE=1 TEST_LIMIT=3600 tools/test 5.4
	@lua5.4 tools/coverage.lua build/coverage-5.4 $(LINES) | tee build/coverage-5.4/table.txt
.PHONY: coverage
faults: all                        ## run spec/wire/fault_spec.lua and make docs/faults.md of what came out
	@AIRLOCK_FAULTS=docs/faults.md $(MAKE) --no-print-directory spec SPEC=spec/wire/fault_spec.lua
fuzz:                              ## each fuzzer for FUZZ_SECONDS (600) under ASan and UBSan, FUZZ_JOBS at a time; TARGETS="url json" for some
	@LUAS="$(or $(LUA),5.4)" tools/setup build fuzz
	@MAKE='$(MAKE)' tools/fuzz $(TARGETS)
fuzzers: ${TARGETS:%=$(BUILD)/fuzz/%}
soak: all                          ## an hour of mixed traffic (SOAK_SECONDS); the store at length: storms and kill -9 (ROUNDS=100 KILLS=1000)
	@LUAS="$(VERSION)" tools/setup test
	@$(ENV); export AIRLOCK_BUILD="$(abspath $(BUILD))" AIRLOCK_LUA="$(LUA_BIN)" AIRLOCK_UNDER="$(UNDER)" ROUNDS="$(ROUNDS)" KILLS="$(KILLS)" SOAK_SECONDS="$(SOAK_SECONDS)"; \
	 exec $(UNDER) $(LUA_BIN) tools/busted.lua --pattern=_soak $(BUSTED_FLAGS) $(or $(SPEC),spec/soak)
bench:                             ## measure beside plain C and beside the peers (bench/run.lua), into bench/RESULTS.md
	@LUAS="5.4 5.1 jit" tools/setup demo bench
	@tools/npm bench
	@exec lua5.4 bench/run.lua $(SECTIONS)
screenshots: export AIRLOCK_SCREENSHOTS = docs/images
screenshots: export AIRLOCK_BROWSER = yes
screenshots: all                   ## make the pictures in docs/images anew, with a real Chromium
	@LUAS="$(or $(LUA),5.4)" tools/setup test
	@spec/browser/install
	@mkdir -p docs/images
	@$(MAKE) --no-print-directory spec SPEC=spec/playground/browser_spec.lua BUSTED_FLAGS="--filter=pictures"
bench-nginx:                       ## nginx as a gateway, beside a cosocket by hand, into bench/NGINX.md (bench/nginx/run.lua)
	@LUAS=jit tools/setup demo gateway
	@$(MAKE) --no-print-directory LUA=jit run-bench-nginx
run-bench-nginx: all ; @$(ENV); export AIRLOCK_BUILD="$(abspath $(BUILD))"; exec $(LUA_BIN) bench/nginx/run.lua
lint:                              ## luacheck, clang-format, cppcheck, clang-tidy, gcc's analyzer; builds with gcc and clang
	@LUAS="$(LUAS)" tools/setup lint
	@MAKE='$(MAKE)' tools/lint
lint-flags: ; $(info -std=c11 -D_GNU_SOURCE -Isrc $(LUA_CFLAGS) $(LIB_CFLAGS)) @:
format:                            ## lay out the C sources as .clang-format says
	@tools/lint --format
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
setup:                             ## install what the tests and lint need (FOR="demo test lint sanitize memcheck")
	@LUAS="$(LUAS)" tools/setup $(or $(FOR),test lint)

# ---- Installing: below DESTDIR, if given
SHARED := $(if $(filter jit,$(VERSION)),5.1,$(VERSION))
INST_LUADIR ?= $(PREFIX)/share/lua/$(SHARED)
INST_LIBDIR ?= $(PREFIX)/lib/lua/$(SHARED)
INST_BINDIR ?= $(PREFIX)/bin
INST_SHAREDIR ?= $(PREFIX)/share
PAGES = man/airlock.1=man/man1/airlock.1 completion/airlock.bash=bash-completion/completions/airlock \
        completion/_airlock=zsh/site-functions/_airlock completion/airlock.fish=fish/vendor_completions.d/airlock.fish

install: all                       ## install for one Lua (LUA=, PREFIX=, DESTDIR=)
	cd lua && find airlock -type d -exec mkdir -p "$(DESTDIR)$(INST_LUADIR)/{}" \; \
	       && find airlock -type f -exec install -m 644 {} "$(DESTDIR)$(INST_LUADIR)/{}" \;
	mkdir -p "$(DESTDIR)$(INST_LIBDIR)/airlock"
	install -m 755 $(MODULES) "$(DESTDIR)$(INST_LIBDIR)/airlock"
	mkdir -p "$(DESTDIR)$(INST_BINDIR)"
	sed 's|^built_for=.*|built_for=$(LUA_BIN)|' bin/airlock > "$(DESTDIR)$(INST_BINDIR)/airlock"
	chmod 755 "$(DESTDIR)$(INST_BINDIR)/airlock"
	for pair in $(PAGES); do to="$(DESTDIR)$(INST_SHAREDIR)/$${pair#*=}"; mkdir -p "$${to%/*}" && \
	  install -m 644 "share/$${pair%%=*}" "$$to" || exit 1; done
	cd share && find library -type d -exec mkdir -p "$(DESTDIR)$(INST_SHAREDIR)/airlock/{}" \; \
	  && find library -type f -exec install -m 644 {} "$(DESTDIR)$(INST_SHAREDIR)/airlock/{}" \;

uninstall:                         ## take away what `make install` with the same settings put there
	rm -rf "$(DESTDIR)$(INST_LUADIR)/airlock" "$(DESTDIR)$(INST_LIBDIR)/airlock" "$(DESTDIR)$(INST_SHAREDIR)/airlock"
	rm -f "$(DESTDIR)$(INST_BINDIR)/airlock"
	for pair in $(PAGES); do rm -f "$(DESTDIR)$(INST_SHAREDIR)/$${pair#*=}"; done

clean:                             ## delete build/
	rm -rf build
help:                              ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

FORCE:
.DELETE_ON_ERROR:
.PHONY: FORCE needed all all-luas $(LUAS:%=all-%) programs demo run-demo env test spec spec-command sanitize sanitize-threads \
        memcheck faults fuzz fuzzers soak bench screenshots lint lint-flags format pages reference html conformance setup install uninstall clean help
