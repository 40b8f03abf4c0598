rockspec_format = "3.0"
package = "airlock"
version = "scm-1"

source = {
  url = "git+https://github.com/airlock-lua/airlock.git",
}

description = {
  summary = "OAuth 2.0 for Lua: gets access tokens, keeps and renews them, makes authenticated requests",
  detailed = [[
Airlock lets a Lua program pass through the door of a protected HTTP API. It gets an OAuth 2.0 access token by whichever
flow suits, keeps it, renews it, and makes authenticated requests with it: from a script, from Neovim, from nginx. Its
first provider is JetBrains Space; the same engine serves any RFC 6749 authorization server. The core is C over libcurl
and OpenSSL.]],
  homepage = "https://github.com/airlock-lua/airlock",
  license = "MIT",
  labels = { "oauth", "http", "space", "curl" },
}

dependencies = {
  "lua >= 5.1, < 5.6",
  "lua-cjson >= 2.1", -- beside it, the command `airlock` needs argparse; the library doesn't
}

external_dependencies = { -- libraries only: headers lie in places that depend on the system, and pkg-config knows them
  CURL = { library = "curl" },
  CRYPTO = { library = "crypto" },
} -- airlock.server is built where pkg-config finds libmicrohttpd; SERVER=no in the environment leaves it out

build = {
  type = "make",
  build_target = "all",
  install_target = "install",
  variables = { -- both passes must agree on these
    LUA = "$(LUA)",
    LUA_BIN = "$(LUA)",
    LUA_CFLAGS = "-I$(LUA_INCDIR)",
    CFLAGS = "$(CFLAGS)",
    BUILD = "build/rock",
  },
  install_variables = {
    INST_LUADIR = "$(LUADIR)",
    INST_LIBDIR = "$(LIBDIR)",
    INST_BINDIR = "$(BINDIR)",
    INST_SHAREDIR = "$(PREFIX)/share", -- the rock's own folder: a tree has no place for man pages and completion
  },
}

test = {
  type = "command",
  command = "make spec",
}
