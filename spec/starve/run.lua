-- Lets each allocation of a flow fail, one after another: in C and in Lua. Run with starve.so preloaded:
--   run.lua STARVE.SO URL KEY FOLDER [every=N] [onward] [FLOW...]
-- KEY is the PEM of a private key, FOLDER an empty one for tokens. After each failure: it was told (out_of_memory, or
-- Lua's own error), nothing is held that wasn't before, no refresh token is lost, and the same flow works, with what
-- credentials it had. Prints a line a flow, in the manner of spec/c.

local starve = assert(package.loadlib(arg[1], "luaopen_starve"))()
local flows = require "spec.starve.flows"
require "cjson"
if rawget(_G, "jit") then jit.off() end -- in compiled code LuaJIT 2.1 ends the process when its memory runs out

-- OpenSSL makes thousands to read a key or to make one: each ninth of these, unless the flow is asked for by name.
local thousands = { dpop = 9, jwt_bearer = 9, private_key_jwt = 9 }
io.stdout:setvbuf "line"

local every, from, wanted, verbose = 1, false, {}, os.getenv "STARVE_VERBOSE"
for i = 5, #arg do
  local n = arg[i]:match "^every=(%d+)$"
  if n then every = tonumber(n) elseif arg[i] == "onward" then from = true else wanted[arg[i]] = true end
end
starve.spare((assert(package.searchpath or function(_, paths)
  for each in paths:gmatch "[^;]+" do
    local file = io.open((each:gsub("%?", "cjson")))
    if file then
      file:close()
      return (each:gsub("%?", "cjson"))
    end
  end
end)("cjson", package.cpath)))

local function memory_ran_out(why)
  if type(why) == "string" then
    return why:lower():find("memory", 1, true) ~= nil or why:find("no random numbers", 1, true) ~= nil
  end
  local detail = type(why) == "table" and why.detail
  if type(detail) ~= "table" then return false end
  if detail.code == "out_of_memory" or why.message:find("not enough memory", 1, true) then return true end
  -- libcurl's words for it are many, and its word for a header line that is too long is this one
  return detail.kind == "network" and (detail.outcome == "transient" or detail.code == "too_large"
    and why.message:find("headers", 1, true) ~= nil)
end

local function describe(why)
  if type(why) ~= "table" then return tostring(why) end
  local detail = why.detail or {}
  return ("%s/%s: %s"):format(tostring(detail.kind), tostring(detail.code), tostring(why.message))
end

local function settle()
  collectgarbage()
  collectgarbage()
end

-- A run of a flow in which allocation n fails, then one in which none does. Gives whether one failed, and what went
-- wrong, if anything.
local function attempt(name, n)
  local flow, kept = flows.run[name], flows.kept[name]
  starve.begin(n, from and n or 0)
  local ok, why = pcall(flow)
  local fired = starve.over()
  if not fired then return false, not ok and "it fails by itself: " .. describe(why) or nil end
  if not ok and not memory_ran_out(why) then return true, "it is told as something else: " .. describe(why) end
  local told = describe(why)
  why = nil -- luacheck: ignore 311
  if kept then
    local safe, lost = pcall(kept)
    if not safe then return true, ("after %s: %s"):format(ok and "success" or told, describe(lost)) end
  end
  settle()
  local fine, later = pcall(flow)
  if not fine then return true, ("after %s it doesn't work: %s"):format(ok and "success" or told, describe(later)) end
  settle()
  return true, nil, starve.left()
end

local names, failed = {}, false
for name in pairs(flows.run) do
  if next(wanted) == nil or wanted[name] then names[#names + 1] = name end
end
table.sort(names)
for _, name in ipairs(names) do
  for _ = 1, 3 do -- what is made once is made, and lives on
    flows.run[name]()
    settle()
  end
  local step = every * (not wanted[name] and thousands[name] or 1)
  local n, wrong, held, worst, at = 1, nil, 0, 0, 0
  while verbose or not wrong do
    local fired, why, left = attempt(name, n)
    wrong = wrong or why and ("allocation %d: %s"):format(n, why)
    if why or verbose then
      io.stderr:write(("# %s %d: %s, %s held\n"):format(name, n, why or "well", tostring(left)))
      if why then starve.where() end
      if left and left > 20 then starve.left(true) end
    end
    if not fired then break end
    if left and left > worst then worst, at = left, n end
    held = held + (left or 0)
    n = n + step
  end
  -- Credentials stay cached, with their keys for DPoP, and a coroutine whose waking failed stays parked; more than
  -- these would be a leak.
  if not wrong and worst > ((name == "many" or name == "dpop") and 150 or 60) then
    wrong = ("%d pieces of memory are held after allocation %d failed"):format(worst, at)
  end
  if wrong then failed = true end
  print(("%s memory: %s stands a failure of each %sof its %d allocations%s"):format(wrong and "not ok" or "ok", name,
    step > 1 and step .. "th " or "", n - 1, wrong and " (" .. wrong .. ")" or ""))
  io.stderr:write(("# %s: at most %d pieces held, after %d; %.2f on average\n"):format(name, worst, at, held / n))
end
os.exit(failed and 1 or 0)
