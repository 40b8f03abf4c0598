# Airlock · make help lists the targets

LUA ?= $(firstword $(foreach v,5.4 5.3 5.2 5.1,$(if $(shell pkg-config --exists lua$(v) 2>/dev/null && echo y),$(v))) $(if $(shell pkg-config --exists luajit 2>/dev/null && echo y),jit) 5.4)
LUA_PC := $(if $(filter jit,$(LUA)),luajit,lua$(LUA))
LUA_BIN ?= $(LUA_PC)

CC ?= cc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wundef -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wpointer-arith \
           -Wvla -Wformat=2 -Werror=return-type -Werror=implicit-function-declaration
HARDENING = -D_FORTIFY_SOURCE=2 -fstack-protector-strong
AL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS) $(HARDENING) -Isrc
AL_LDFLAGS = -shared -Wl,-z,nodelete -Wl,-z,relro,-z,now
LUA_CFLAGS ?= $(shell pkg-config --cflags $(LUA_PC))
CORE_LIBS = $(shell pkg-config --libs libcurl libcrypto)
SERVER_LIBS = $(shell pkg-config --libs libmicrohttpd libcrypto)

BUILD ?= build/$(LUA)
GROUND := $(wildcard src/ground/*.c)
CORE := $(GROUND) $(wildcard src/law/*.c src/wire/*.c src/door/*.c)
SERVER := $(GROUND) src/door/options.c $(wildcard src/server/*.c)
object = $(1:src/%.c=$(BUILD)/%.o)

all: $(BUILD)/airlock/core.so $(if $(wildcard src/server/*.c),$(BUILD)/airlock/server.so)

$(BUILD)/airlock/core.so: $(call object,$(CORE))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(AL_LDFLAGS) -o $@ $^ $(CORE_LIBS) -lm

$(BUILD)/airlock/server.so: $(call object,$(SERVER))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(AL_LDFLAGS) -o $@ $^ $(SERVER_LIBS) -lm

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(AL_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(LUA_CFLAGS) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(call object,$(CORE) $(SERVER)))

env:
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;" LUA_CPATH="$(CURDIR)/$(BUILD)/?.so;;"; unset LUA_PATH_5_2 LUA_PATH_5_3 LUA_PATH_5_4 LUA_CPATH_5_2 LUA_CPATH_5_3 LUA_CPATH_5_4'

clean:
	rm -rf build

.PHONY: all env clean
