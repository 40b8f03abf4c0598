-- The flows that spec/starve/run.lua starves, by name: `run()` goes through one and raises what it failed with, as the
-- table { message, detail } where it was told so. `kept(name)`: whether no refresh token was lost, to be asked right
-- after a failure.

local airlock = require "airlock"
local core = require "airlock.core"

local flows, kept = {}, {}
local url, key, folder = arg[2], arg[3], arg[4]
local callback = "http://127.0.0.1:1/callback"

local function client_of(more)
  local config = { base_url = url .. "/api/", token_endpoint = url .. "/token",
    authorization_endpoint = url .. "/authorize", client_id = "porter",
    client_secret = "hush", revocation_endpoint = url .. "/revoke", device_authorization_endpoint = url .. "/device",
      timeout = 20, retries = 0 }
  for name, value in pairs(more or {}) do config[name] = value or nil end
  return airlock.client(config)
end

local function check(value, message, detail)
  if value == nil then error({ message = message, detail = detail }, 0) end
  return value
end

local function use(session)
  assert(check(session:get "me").name == "me")
  local response = check(session:request { method = "POST", url = "echo", query = { a = "b c" },
    headers = { ["X-A"] = "1" }, json = { a = { 1, 2 } } })
  assert(response.status == 200 and response.headers["content-type"] == "application/json"
    and response:json().name == "me")
  assert(#check(session:token()) > 0 and session:info())
end

local function use_once(session)
  use(session)
  session:close()
end

function flows.client_credentials()
  local session = client_of():client_credentials { scope = "a b" }
  check(session:refresh())
  use_once(session)
end

local lasting -- a user's session that lives through all failures, with a rotating refresh token

function flows.refresh()
  lasting = lasting or client_of():refresh_token "r1"
  check(lasting:refresh())
  use(lasting)
end

function flows.password()
  local session = check(client_of():password { username = "u", password = "p", scope = "a" })
  use(session)
  check(session:logout())
end

function flows.permanent()
  use_once(client_of():permanent_token "permanent")
end

local function log_in(client, more)
  local login = check(client:authorization_code { scope = "a", redirect_uri = callback, params = more })
  return login, "/callback?code=c&state=" .. login.state
end

function flows.authorization_code()
  local client = client_of()
  local login, redirect = log_in(client, { x = "y" })
  assert(login.url:find("code_challenge=", 1, true))
  local session = check(check(client:authorization(login:save())):finish(redirect))
  check(session:refresh())
  use_once(session)
end

function flows.dpop()
  local client = client_of { dpop = true }
  local login, redirect = log_in(client)
  local session = check(check(client:authorization(login:save())):finish(redirect))
  check(session:refresh())
  use_once(session)
end

function flows.refused()
  local login = client_of():authorization_code { scope = "a", redirect_uri = callback }
  local session, message, detail = login:finish("/callback?error=access_denied&error_description=no&state="
    .. login.state)
  assert(session == nil)
  if detail.code ~= "access_denied" then check(nil, message, detail) end
end

function flows.implicit()
  local login = client_of():implicit { scope = "a", redirect_uri = callback }
  use_once(check(login:finish("/callback#access_token=t&token_type=bearer&expires_in=60&state=" .. login.state)))
end

function flows.device()
  use_once(check(check(client_of():device_code { scope = "a" }):wait()))
end

function flows.token_exchange()
  use_once(client_of():token_exchange { subject_token = "theirs", audience = "api", scope = "a" })
end

function flows.jwt_bearer()
  use_once(client_of():jwt_bearer { private_key = key, claims = { sub = "alice" }, scope = "a" })
end

function flows.private_key_jwt()
  local session = client_of({ client_secret = false, private_key = key, kid = "k" }):client_credentials {
    scope = "key" }
  check(session:refresh())
  use_once(session)
end

function flows.pushed()
  local login, redirect = log_in(client_of { par = true, pushed_authorization_request_endpoint = url .. "/par" })
  assert(login.url:find("request_uri=", 1, true))
  use_once(check(login:finish(redirect)))
end

function flows.id_token()
  local client = client_of { issuer = url, jwks_uri = url .. "/jwks" }
  local login = check(client:authorization_code { scope = "openid", redirect_uri = callback })
  local session = check(login:finish("/callback?code=" .. login.url:match "[?&]nonce=([^&]+)" .. "&state="
    .. login.state))
  assert(check(session:id_token()).sub == "alice")
  use_once(session)
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

function flows.forms()
  local session = client_of():permanent_token "permanent"
  local path = "spec/starve/flows.lua"
  local file = assert(io.open(path, "rb"))
  local ok, why = pcall(function()
    check(session:request { url = "me", multipart = { a = "text", b = { path = path, type = "text/plain" },
      c = { body = file }, d = { body = function() return nil end, length = 0 } } })
    file:seek "set"
    check(session:request { method = "PUT", url = "me", body = file })
  end)
  file:close()
  session:close()
  if not ok then error(why, 0) end
end

function flows.many()
  local session = client_of():client_credentials { scope = "many" }
  local responses = check(session:all { "me", "me", { method = "POST", url = "me", form = { a = 1 } } })
  for i = 1, 3 do check(responses[i], (responses.failures[i] or {}).message, (responses.failures[i] or {}).detail) end
  local results = airlock.gather(function() return session:get "me" end, function() return session:get "me" end)
  for i = 1, 2 do assert(check(results[i][1], results[i][2], results[i][3]).name == "me") end
  session:close()
end

-- Values both ways: escapes need room of their own, names are sorted in a list of their own.
function flows.json()
  local value = { list = airlock.json.array {}, text = "a\n\\" .. ("ü"):rep(200), n = { 1, 2.5, 1e300 },
    more = { a = { b = { c = { true, airlock.null } } } } }
  local text = core.json.encode(value, true)
  local back = assert(airlock.json.decode(text))
  assert(core.json.encode(back, true) == text and back.text == value.text and #airlock.json.encode(back) == #text)
  local refused, _, detail = airlock.json.decode '{"a": nope}'
  assert(refused == nil and detail.offset == 6)
  local session = client_of():permanent_token "permanent"
  assert(check(session:post("echo", value)).name == "me")
  session:close()
end

function flows.discovery()
  use(check(airlock.discover(url, { client_id = "porter", client_secret = "hush",
    base_url = url .. "/api/" })):client_credentials { scope = "d" })
end

-- ---- stores: each run finds the record anew, as another process would

local runs = 0

local function stored(chain, store)
  runs = runs + 1
  -- another client to the cache, the same to the store
  local client = client_of { store = store, revocation_endpoint = url .. "/revoke?" .. runs }
  local session = client:refresh_token(chain .. "1", { account = chain })
  use(session)
  check(session:refresh())
  use_once(session)
end

-- The record's refresh token is one that the server still takes, and nothing was set aside.
local function still_good(chain, text)
  local record = core.json.decode((assert(text, "the record is gone")))
  local newest = tonumber(check(client_of():permanent_token("p"):get("generation/" .. chain)).n)
  local there = tonumber(tostring(record.refresh_token):match("^" .. chain .. "(%d+)$"))
  assert(there and there >= newest - 1, ("the server is at %s%d, the record at %s"):format(chain, newest,
    tostring(record.refresh_token)))
end

local function files()
  local pipe = assert(io.popen("ls -A '" .. folder .. "'", "r"))
  local names = pipe:read "*a"
  pipe:close()
  return names
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

function flows.files() stored("f", folder) end

function kept.files()
  local names = files()
  assert(not names:find("aside", 1, true), "the record was set aside: " .. names)
  still_good("f", read(folder .. "/" .. assert(("\n" .. names):match "\n(%x+)\n", names)))
end

local shelf = { fence = 0 }
local functions = {
  load = function() return shelf.text end,
  lock = function()
    shelf.fence = shelf.fence + 1
    return shelf.fence
  end,
  save = function(_, text)
    shelf.text = text
    return true
  end,
  unlock = function() end,
}

function flows.program_store() stored("p", functions) end

function kept.program_store() still_good("p", shelf.text) end

return { run = flows, kept = kept }
