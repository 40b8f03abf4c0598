# Airlock · `make help` lists the targets; those that check and measure are in tools/checks.mk

# ---- Settings: give any of them on the command line or in the environment
# LUA     which Lua: 5.1 5.2 5.3 5.4 5.5 jit, or an interpreter; left out: the newest whose headers are installed
# LUAS    which ones `all-luas`, `test` and the checks go through; LUA=5.4 on the command line leaves that one
# SERVER  no: leave out airlock.server, so that libmicrohttpd isn't needed; by default it is built where that is found
# V       1: show the whole commands
# SPEC, SANITIZE, MEMCHECK, COVERAGE and FUZZ: see tools/checks.mk
LUAS ?= $(if $(filter command,$(origin LUA)),$(LUA),5.1 5.2 5.3 5.4 5.5 jit)
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
VARIANT := $(if $(COVERAGE),coverage-)$(if $(SANITIZE),$(if $(filter thread,$(SANITIZE)),tsan-,asan-))
BUILD ?= build/$(if $(FUZZ),fuzz,$(VARIANT)$(VERSION))

# ---- Flags
pkg = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
ifeq ($(origin SERVER),undefined)
  SERVER := $(if $(shell $(PKG_CONFIG) --exists libmicrohttpd 2>/dev/null && echo yes),yes,missing)
endif
MICROHTTPD := $(if $(filter no missing,$(SERVER)),,libmicrohttpd)
WARNINGS ?= -Wall -Wextra -Wshadow -Wundef -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wpointer-arith \
            -Wvla -Wformat=2 -Werror=return-type -Werror=implicit-function-declaration
HARDENING ?= $(eval HARDENING := $(shell CC="$(CC)" tools/hardening))$(HARDENING)
ifeq ($(shell uname -s),Darwin)
  AL_LDFLAGS = -bundle -undefined dynamic_lookup
else
  AL_LDFLAGS = -shared -Wl,-z,nodelete -Wl,-z,relro,-z,now,-z,noexecstack
endif
ifndef LUA_CFLAGS
  LUA_CFLAGS := $(call pkg,--cflags $(LUA_PC))
  NEEDED = $(LUA_PC)
endif
ifndef LIB_CFLAGS
  LIB_CFLAGS := $(call pkg,--cflags libcurl libcrypto $(MICROHTTPD))
endif
CORE_LIBS ?= $(call pkg,--libs libcurl libcrypto)
SERVER_LIBS ?= $(call pkg,--libs libmicrohttpd libcrypto)
DL_LIBS ?= $(if $(filter Linux,$(shell uname -s)),-ldl)
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS) $(HARDENING) -Isrc \
          $(CPPFLAGS) $(CFLAGS) $(LUA_CFLAGS) $(LIB_CFLAGS)
LINK = $(CC) $(CFLAGS) $(LDFLAGS) $(AL_LDFLAGS)

# ---- What is built: four modules
GROUND := $(wildcard src/ground/*.c)
LAW := $(wildcard src/law/*.c)
CORE := $(GROUND) $(LAW) $(wildcard src/wire/*.c src/door/*.c)
ENTRY := $(wildcard src/entry/*.c)
COMMAND := $(wildcard src/command/*.c)
SERVER_DOOR := src/door/options.c src/door/mistake.c src/door/failure.c src/door/near.c
SERVER_SOURCES := $(GROUND) $(SERVER_DOOR) $(wildcard src/server/*.c)
# what a build may lack: these modules are there where their libraries are
KEYRING := $(if $(filter no,$(KEYRING)),,$(shell $(PKG_CONFIG) --exists libsecret-1 2>/dev/null && echo keyring))
HIREDIS := $(if $(filter no,$(REDIS)),,$(shell $(PKG_CONFIG) --exists hiredis 2>/dev/null && echo redis))
NAMES := core core_impl command $(if $(MICROHTTPD),server) $(KEYRING) $(HIREDIS)
MODULES := $(NAMES:%=$(BUILD)/airlock/%.so)
PRESENT = $(foreach v,$(LUAS),$(if $(shell tools/find-lua has $(v)),$(v)))
object = $(1:src/%.c=$(BUILD)/%.o)
say = $(if $(V),,@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo "  $(1)  $(2)";))
whole = @if nm -u $@ 2>/dev/null | grep '[ _]al_'; then \
          echo '$@: this is in no file that it is linked from' >&2; exit 1; fi

# ---- Building
all: $(MODULES) $(if $(filter missing,$(SERVER)),without-server) ## build for one Lua (LUA=5.1|5.2|5.3|5.4|5.5|jit)
all-luas:                          ## build for all Luas there are (LUAS="5.1 jit" for some)
	@$(MAKE) --no-print-directory $(PRESENT:%=all-%)
$(LUAS:%=all-%): all-%: ; @$(MAKE) --no-print-directory LUA=$* all
without-server:
	@echo "  libmicrohttpd isn't installed: this is a build without airlock.server, so without"
	@echo "  client:login's own listener, the emulator and the playground"

$(BUILD)/airlock/core.so: $(call object,$(ENTRY))
$(BUILD)/airlock/core.so: LIBS = $(DL_LIBS)
$(BUILD)/airlock/core_impl.so: $(call object,$(CORE))
$(BUILD)/airlock/core_impl.so: LIBS = $(CORE_LIBS) -lm
$(BUILD)/airlock/server.so: $(call object,$(SERVER_SOURCES))
$(BUILD)/airlock/server.so: LIBS = $(SERVER_LIBS) -lm
$(BUILD)/airlock/command.so: $(call object,$(COMMAND))
$(BUILD)/airlock/keyring.so: $(call object,$(wildcard src/keyring/*.c) src/ground/crypto.c src/ground/buf.c)
$(BUILD)/airlock/keyring.so: LIBS = $(call pkg,--libs libsecret-1 libcrypto) -lpthread
$(BUILD)/keyring/%.o: LIB_CFLAGS += $(call pkg,--cflags libsecret-1)
$(BUILD)/airlock/redis.so: $(call object,$(wildcard src/redis/*.c))
$(BUILD)/airlock/redis.so: LIBS = $(call pkg,--libs hiredis)
$(BUILD)/redis/%.o: LIB_CFLAGS += $(call pkg,--cflags hiredis)
$(MODULES):
	@mkdir -p $(@D)
	$(call say,LD,$@) $(LINK) -o $@ $(filter %.o,$^) $(LIBS)
	$(whole)

$(BUILD)/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$@) $(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/flags: FORCE | needed     # changes only when the flags do, and then everything is compiled again
	@mkdir -p $(@D)
	@test "$$(cat $@ 2>/dev/null)" = '$(COMPILE)' || echo '$(COMPILE)' > $@

needed:
	@$(PKG_CONFIG) --exists $(NEEDED) libcurl libcrypto $(MICROHTTPD) 2>/dev/null && \
	  command -v $(firstword $(CC)) >/dev/null || \
	  AIRLOCK_INSTALL=no PKG_CONFIG="$(PKG_CONFIG)" LUAS="$(VERSION)" SERVER="$(SERVER)" tools/setup build

-include $(patsubst %.o,%.d,$(call object,$(CORE) $(ENTRY) $(SERVER_SOURCES) $(COMMAND) \
          $(wildcard src/keyring/*.c src/redis/*.c)))

# ---- Trying
ENV = export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;" LUA_CPATH="$(abspath $(BUILD))/?.so;;"; \
      unset LUA_PATH_5_2 LUA_PATH_5_3 LUA_PATH_5_4 LUA_PATH_5_5 \
            LUA_CPATH_5_2 LUA_CPATH_5_3 LUA_CPATH_5_4 LUA_CPATH_5_5
demo:                              ## set up, build and run examples/demo.lua (LUA=, else Lua 5.4)
	@LUAS="$(or $(LUA),5.4)" tools/setup demo
	@$(MAKE) --no-print-directory LUA=$(or $(LUA),5.4) run-demo
run-demo: all examples/demo.lua ; @$(ENV); exec $(LUA_BIN) examples/demo.lua
env: ; $(info $(ENV)) @:           ## print what `eval` needs: eval "$(make -s env LUA=5.4)"

# ---- Neovim: LuaJIT's headers or those of Lua 5.1, whose modules serve both; copies, as build/ may go
NVIM_LUA = $(shell for lua in jit 5.1; do $(PKG_CONFIG) --exists "$$(tools/find-lua $$lua | cut -d' ' -f2)" && \
             { echo $$lua; exit; }; done; echo jit)
nvim:                              ## build this checkout as a plugin of Neovim: docs/neovim.md
	@$(MAKE) --no-print-directory LUA=$(NVIM_LUA) BUILD=build/nvim all
	@rm -f lua/airlock/*.so && for module in build/nvim/airlock/*.so; do \
	  install -m 755 "$$module" lua/airlock/ || exit 1; done

# ---- Installing: below DESTDIR, if given
SHARED := $(if $(filter jit,$(VERSION)),5.1,$(VERSION))
INST_LUADIR ?= $(PREFIX)/share/lua/$(SHARED)
INST_LIBDIR ?= $(PREFIX)/lib/lua/$(SHARED)
INST_BINDIR ?= $(PREFIX)/bin
INST_SHAREDIR ?= $(PREFIX)/share
PAGES = man/airlock.1=man/man1/airlock.1 completion/airlock.bash=bash-completion/completions/airlock \
        completion/_airlock=zsh/site-functions/_airlock completion/airlock.fish=fish/vendor_completions.d/airlock.fish

# WITH=all installs these parts, too
PARTS = airlock/emulator airlock/playground
install_lua = cd lua && find $(1) -type d $(2) -exec mkdir -p "$(DESTDIR)$(INST_LUADIR)/{}" \; \
              && find $(1) -type f ! -name '*.so' $(2) -exec install -m 644 {} "$(DESTDIR)$(INST_LUADIR)/{}" \;

install: install-library $(if $(filter all,$(WITH)),install-emulator) ## for one Lua (LUA=, PREFIX=, WITH=all)
	$(if $(filter file,$(origin INST_LUADIR)),@tools/paths \
	  "$(LUA_BIN)" "$(INST_LUADIR)" "$(INST_LIBDIR)")
install-emulator:                  ## emulator and playground alone; they need the library
	$(call install_lua,$(PARTS))
install-library: all
	$(call install_lua,airlock,$(PARTS:%=! -path '%*'))
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
	rm -rf "$(DESTDIR)$(INST_LUADIR)/airlock" "$(DESTDIR)$(INST_LIBDIR)/airlock"
	rm -rf "$(DESTDIR)$(INST_SHAREDIR)/airlock"
	rm -f "$(DESTDIR)$(INST_BINDIR)/airlock"
	for pair in $(PAGES); do rm -f "$(DESTDIR)$(INST_SHAREDIR)/$${pair#*=}"; done

# ---- Else
clean:                             ## delete build/
	rm -rf build
help:                              ## this list
	@awk -F ':.*## ' '/^# ---- / { title = substr($$0, 8) } /^[a-z-]+:.*## / { \
	  if (title) print (n++ ? "\n" : "") title; title = ""; printf "  make %-18s%s\n", $$1, $$2 }' \
	  Makefile tools/checks.mk

include tools/checks.mk

FORCE:
.DELETE_ON_ERROR:
.PHONY: nvim FORCE needed all all-luas $(LUAS:%=all-%) without-server demo run-demo env \
        install install-library install-emulator uninstall clean help
