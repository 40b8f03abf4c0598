--- Neovim without a screen, as a new user would have it: a home of its own, nothing of ours in it.

local core = require "airlock.core"
local curl = require "spec.support.curl"
local stage = require "spec.support.stage"

local nvim = {}

--- Why it can't be tried; nil: it can.
function nvim.missing()
  if stage.shell "command -v nvim || true" == "" then return "nvim isn't installed" end
  if not rawget(_G, "jit") then return "Neovim runs LuaJIT: its specs run under that alone" end
end

local function line(script, environment)
  local home = stage.folder()
  local words = { "cd", curl.quote(home), "&& env -u DISPLAY -u WAYLAND_DISPLAY -u BROWSER" }
  for _, name in ipairs { "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME" } do
    words[#words + 1] = name .. "=" .. curl.quote(home)
  end
  for name, value in pairs(environment or {}) do words[#words + 1] = name .. "=" .. curl.quote(value) end
  words[#words + 1] = os.getenv "AIRLOCK_UNDER"
  words[#words + 1] = ("timeout 60 nvim --headless -u NORC -i NONE -n -c %s"):format(curl.quote("luafile " .. script))
  return table.concat(words, " ")
end

local prelude = [[
-- Milliseconds, without those in which the system let others run: a busy machine is none of our stalls.
local function clock()
  local file, waited = io.open "/proc/self/schedstat", 0
  if file then
    waited = select(2, file:read("*n", "*n")) or 0
    file:close()
  end
  return (vim.loop.hrtime() - waited) / 1e6
end
local function tell(value) io.stdout:write(vim.fn.json_encode(value), "\n") io.stdout:flush() end
local function leave(code) vim.cmd((code or 0) == 0 and "qall!" or "cquit " .. code) end
local function till(seconds, done) return vim.wait(seconds * 1000, done, 1) end
]]

--- Starts one that runs this Lua (with `tell(value)`, `till(seconds, done)` and `leave(code)`); gives a job for
--- nvim.wait.
function nvim.start(text, environment)
  local guarded = ("local ok, why = xpcall(function()\n%s\nend, debug.traceback)\n"
    .. "if not ok then io.stderr:write(why, '\\n') leave(1) end")
    :format(text)
  return curl.shell(line(stage.file(prelude .. guarded, "script.lua"), environment))
end

--- Waits for it while what is beside the engine is served; gives what it told, each a value, and the job.
function nvim.wait(job, during)
  curl.wait(job, during)
  local told = {}
  for text in job.out:gmatch "[^\r\n]+" do told[#told + 1] = core.json.decode(text) end
  return told, job
end

--- Both, for one that must end well.
function nvim.run(text, environment)
  local told, job = nvim.wait(nvim.start(text, environment))
  if job.rc ~= 0 then error(("nvim ended with %s: %s"):format(tostring(job.rc), job.err), 2) end
  return told, job
end

return nvim
