rockspec_format = "3.0"
package = "airlock-emulator"
version = "scm-1"

source = {
  url = "git+https://github.com/airlock-lua/airlock.git",
}

description = {
  summary = "A JetBrains Space that runs in your specs, and a playground of OAuth in the browser",
  detailed = [[
The emulator of Airlock: an OAuth 2.0 authorization server and its API in the process of a spec, with a clock and faults
of the spec's making. The command `airlock` serves it by `airlock emulator` and `airlock playground`.]],
  homepage = "https://github.com/airlock-lua/airlock",
  license = "MIT",
  labels = { "oauth", "http", "space", "testing" },
}

dependencies = {
  "lua >= 5.1, < 5.6",
  "airlock", -- built where libmicrohttpd is
}

build = {
  type = "make",
  build_pass = false,
  install_target = "install-emulator",
  variables = { LUA = "$(LUA)" },
  install_variables = { INST_LUADIR = "$(LUADIR)" },
}
