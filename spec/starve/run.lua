-- Lets each allocation of a flow fail, one after another: in C and, but for LuaJIT, in Lua. Run with starve.so preloaded:
--   run.lua STARVE.SO URL [every=N] [FLOW...]
-- After each failure: it was told (out_of_memory, or Lua's own error), nothing is held that wasn't before, and the same flow works,
-- with what credentials it had. Prints a line a flow, in the manner of spec/c.

local path, url = arg[1], arg[2]
local starve = assert(package.loadlib(path, "luaopen_starve"))()
local airlock = require "airlock"
require "cjson"

local every, from, wanted, verbose = 1, false, {}, os.getenv "STARVE_VERBOSE"
for i = 3, #arg do
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

local function client_of(more)
  local config = { base_url = url .. "/api/", token_endpoint = url .. "/token", authorization_endpoint = url .. "/authorize", client_id = "porter",
    client_secret = "hush", revocation_endpoint = url .. "/revoke", device_authorization_endpoint = url .. "/device", timeout = 20, retries = 0 }
  for name, value in pairs(more or {}) do config[name] = value end
  return airlock.client(config)
end

local function check(value, message, detail)
  if value == nil then error({ message = message, detail = detail }, 0) end
  return value
end

local function use(session)
  assert(check(session:get "me").name == "me")
  local response = check(session:request { method = "POST", url = "echo", query = { a = "b c" }, headers = { ["X-A"] = "1" }, json = { a = { 1, 2 } } })
  assert(response.status == 200 and response.headers["content-type"] == "application/json" and response:json().name == "me")
  assert(#check(session:token()) > 0 and session:info())
end

local kept -- a user's session that lives through all failures, with a rotating refresh token
local flows = {}

function flows.client_credentials()
  local session = client_of():client_credentials { scope = "a b" }
  check(session:refresh())
  use(session)
  session:close()
end

function flows.refresh()
  kept = kept or client_of():refresh_token "r1"
  check(kept:refresh())
  use(kept)
end

function flows.password()
  local session = check(client_of():password { username = "u", password = "p", scope = "a" })
  use(session)
  check(session:logout())
end

function flows.permanent()
  local session = client_of():permanent_token "permanent"
  use(session)
  session:close()
end

function flows.authorization_code()
  local client = client_of()
  local login = client:authorization_code { scope = "a", redirect_uri = "http://127.0.0.1:1/callback", params = { x = "y" } }
  assert(login.url:find("code_challenge=", 1, true))
  local restored = check(client:authorization(login:save()))
  local session = check(restored:finish("/callback?code=c&state=" .. login.state))
  use(session)
  session:close()
end

function flows.dpop()
  local client = client_of { dpop = true }
  local login = client:authorization_code { scope = "a", redirect_uri = "http://127.0.0.1:1/callback" }
  local session = check(check(client:authorization(login:save())):finish("/callback?code=c&state=" .. login.state))
  check(session:refresh())
  use(session)
  session:close()
end

function flows.refused()
  local login = client_of():authorization_code { scope = "a", redirect_uri = "http://127.0.0.1:1/callback" }
  local session, message, detail = login:finish("/callback?error=access_denied&error_description=no&state=" .. login.state)
  assert(session == nil)
  if detail.code ~= "access_denied" then check(nil, message, detail) end
end

function flows.implicit()
  local login = client_of():implicit { scope = "a", redirect_uri = "http://127.0.0.1:1/callback" }
  local session = check(login:finish("/callback#access_token=t&token_type=bearer&expires_in=60&state=" .. login.state))
  use(session)
  session:close()
end

function flows.device()
  local device = check(client_of():device_code { scope = "a" })
  local session = check(device:wait())
  use(session)
  session:close()
end

function flows.streams()
  local session = client_of():permanent_token "permanent"
  local parts, chunks = {}, { "b", ("a"):rep(5000) }
  check(session:request { url = "me", sink = function(part) parts[#parts + 1] = part end })
  assert(table.concat(parts):find('"me"', 1, true))
  check(session:request { method = "PUT", url = "me", body = function() return table.remove(chunks) end })
  check(session:request { url = "go" })
  session:close()
end

function flows.many()
  local session = client_of():client_credentials { scope = "many" }
  local responses = check(session:all { "me", "me", { method = "POST", url = "me", form = { a = 1 } } })
  for i = 1, 3 do check(responses[i], (responses.failures[i] or {}).message, (responses.failures[i] or {}).detail) end
  local results = airlock.gather(function() return session:get "me" end, function() return session:get "me" end)
  for i = 1, 2 do assert(check(results[i][1], results[i][2], results[i][3]).name == "me") end
  session:close()
end

function flows.discovery()
  if not airlock.discover then return end
  local client = check(airlock.discover(url, { client_id = "porter", client_secret = "hush", base_url = url .. "/api/" }))
  use(client:client_credentials { scope = "d" })
end

local function memory_ran_out(why)
  if type(why) == "string" then return why:lower():find("memory", 1, true) ~= nil or why:find("no random numbers", 1, true) ~= nil end
  local detail = type(why) == "table" and why.detail
  if type(detail) ~= "table" then return false end
  if detail.code == "out_of_memory" then return true end
  if detail.code == "altered" then return true end -- OpenSSL's unsealing doesn't say why it failed
  -- libcurl's words for it are many, and its word for a header line that is too long is this one
  return detail.kind == "network" and (detail.outcome == "transient" or detail.code == "too_large" and why.message:find("headers", 1, true) ~= nil)
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

-- A run of a flow in which allocation n fails, then one in which none does. Gives whether one failed, and what went wrong, if anything.
local function attempt(flow, n)
  starve.begin(n, from and n or 0)
  local ok, why = pcall(flow)
  local fired = starve.over()
  if not fired then return false, not ok and "it fails by itself: " .. describe(why) or nil end
  if not ok and not memory_ran_out(why) then return true, "it is told as something else: " .. describe(why) end
  why = nil -- luacheck: ignore 311
  settle()
  local fine, later = pcall(flow)
  if not fine then return true, "afterwards it doesn't work: " .. describe(later) end
  settle()
  return true, nil, starve.left()
end

local names, failed = {}, false
for name in pairs(flows) do
  if next(wanted) == nil or wanted[name] then names[#names + 1] = name end
end
table.sort(names)
for _, name in ipairs(names) do
  for _ = 1, 3 do -- what is made once is made, and lives on
    flows[name]()
    settle()
  end
  local n, wrong, held, worst, at = 1, nil, 0, 0, 0
  while verbose or not wrong do
    local fired, why, left = attempt(flows[name], n)
    wrong = wrong or why and ("allocation %d: %s"):format(n, why)
    if why or verbose then
      io.stderr:write(("# %s %d: %s, %s held\n"):format(name, n, why or "well", tostring(left)))
      if why then starve.where() end
      if left and left > 20 then starve.left(true) end
    end
    if not fired then break end
    if left and left > worst then worst, at = left, n end
    held = held + (left or 0)
    n = n + every
  end
  -- Credentials stay cached, with their keys for DPoP, and a coroutine whose waking failed stays parked; more than these would be a leak.
  if not wrong and worst > ((name == "many" or name == "dpop") and 150 or 60) then wrong = ("%d pieces of memory are held after allocation %d failed"):format(worst, at) end
  if wrong then failed = true end
  print(("%s memory: %s stands a failure of each of its %d allocations%s"):format(wrong and "not ok" or "ok", name, n - 1, wrong and " (" .. wrong .. ")" or ""))
  io.stderr:write(("# %s: at most %d pieces held, after %d; %.2f on average\n"):format(name, worst, at, held / n))
end
os.exit(failed and 1 or 0)
