--- :checkhealth airlock
local M = {}

local health = vim.health or require "health"
local start, ok = health.start or health.report_start, health.ok or health.report_ok
local warn, fail = health.warn or health.report_warn, health.error or health.report_error

local function module(name, purpose, advice)
  local there, found = pcall(require, name)
  if there then ok(("%s is here: %s"):format(name, purpose))
    else fail(("%s can't be loaded: %s"):format(name, found), advice) end
  return there and found
end

local function check_loop()
  local luv = require "airlock.loop.luv"
  local passed = false
  luv.spawn(function() passed = luv.mine() end)
  if passed and require("airlock.core").fd() >= 0 then ok "calls wait in Neovim's loop"
    else fail "calls can't wait in Neovim's loop" end
end

local function check_browser()
  for _, name in ipairs { "xdg-open", "open", "wslview" } do
    if vim.fn.executable(name) == 1 then return ok(("a login opens the browser by %s"):format(name)) end
  end
  warn("there is no xdg-open or open: a login asks for the address that a browser elsewhere ends at",
    { "install xdg-utils" })
end

function M.check()
  start "airlock"
  local advice = { "install Airlock for LuaJIT or Lua 5.1, or set LUA_PATH and LUA_CPATH before Neovim starts" }
  local core = module("airlock.core", "the C module", advice)
  if not core then return end
  ok("version " .. core.version)
  module("airlock.server", "the listener of client:login", { "build Airlock with libmicrohttpd" })
  check_loop()
  check_browser()
end

return M
