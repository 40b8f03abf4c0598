--- :checkhealth airlock: whether the modules load, and what a login and its tokens will do on this machine.

-- spec: spec/hosts/nvim_spec.lua

local health = {}

local vim = rawget(_G, "vim") or error("airlock.health needs Neovim", 0)
local report = vim.health or require "health"
local start, ok = report.start or report.report_start, report.ok or report.report_ok
local info, warn = report.info or report.report_info, report.warn or report.report_warn
local fail = report.error or report.report_error

local root = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h:h:h")

local function check_lua()
  local version = vim.version()
  local jit = rawget(_G, "jit")
  info(("Neovim %d.%d.%d runs %s: Airlock is to be built for LuaJIT or Lua 5.1"):format(version.major, version.minor,
    version.patch, jit and jit.version or _VERSION))
end

-- What to do about a module that can't be loaded.
local function build_advice()
  if vim.fn.filereadable(root .. "/Makefile") == 1 then
    return { ("run: make -C %s nvim"):format(vim.fn.shellescape(root)), "then start Neovim anew" }
  end
  return { "install Airlock for LuaJIT or Lua 5.1 (docs/neovim.md)" }
end

local function module(name, purpose, advice)
  local there, found = pcall(require, name)
  if there then ok(("%s is here: %s"):format(name, purpose))
    else fail(("%s can't be loaded: %s"):format(name, found), advice) end
  return there and found
end

local function check_modules()
  if not module("cjson", "null in JSON", { "install lua-cjson for Lua 5.1 (Debian: lua-cjson; LuaRocks: lua-cjson)" })
    then return end
  local core = module("airlock.core", "the C module", build_advice())
  if not core or not module("airlock", "the library", build_advice()) then return end
  ok("version " .. core.version)
  local all, why = require("airlock").preload()
  if all then ok "all of its modules load" else fail(why, build_advice()) end
  return core
end

local function check_loop(core)
  local luv = module("airlock.loop.luv", "the way to wait", build_advice())
  if not luv then return end
  local passed = false
  luv.spawn(function() passed = luv.mine() end)
  if passed and core.fd() >= 0 then ok "calls wait in Neovim's loop"
    else fail "calls can't wait in Neovim's loop" end
end

local function check_login()
  if not pcall(require, "airlock.server") then
    return warn("client:login can't listen, as airlock.server isn't built: take client:authorization_code, and let the "
      .. "user paste the address", { "build Airlock with libmicrohttpd" })
  end
  local opener, why = require("airlock.loop.luv.nvim").opener()
  if opener then return ok(("a login opens the browser by %s"):format(opener)) end
  warn(("a login asks for the address that a browser elsewhere ends at: %s"):format(why))
end

local function check_store()
  local named, folder = pcall(require("airlock.store").folder)
  if not named then return warn("store = true has no folder: " .. tostring(folder), { "set HOME" }) end
  local records, why = require("airlock.store").list(folder)
  if not records then return fail(why) end
  ok(("store = true keeps tokens in %s, which holds %d record%s"):format(folder, #records, #records == 1 and "" or "s"))
end

--- What `:checkhealth airlock` runs.
function health.check()
  start "airlock"
  check_lua()
  local core = check_modules()
  if not core then return end
  check_loop(core)
  check_login()
  check_store()
end

return health
