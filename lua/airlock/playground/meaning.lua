--- What a message means: what is asked for and what is answered, in words, with a row for each field that counts.

local core = require "airlock.core"
local fields = require "airlock.playground.fields"
local form = require "airlock.emulator.http.form"
local json = require "airlock.emulator.http.json"

local meaning = {}

local most_rows, most_value = 40, 400 -- rows of a table, bytes of a value in it

-- ---- requests

local grants = {
  client_credentials = "asks for a token as itself",
  refresh_token = "asks for a new token with the refresh token",
  password = "asks for a token with the user's name and password",
  ["urn:ietf:params:oauth:grant-type:device_code"] = "asks whether the user has accepted",
  ["urn:ietf:params:oauth:grant-type:jwt-bearer"] = "asks for a token with a signed assertion",
  ["urn:ietf:params:oauth:grant-type:token-exchange"] = "asks to exchange a token for another one",
}

local function at_token_endpoint(given)
  if given.grant_type ~= "authorization_code" then
    return grants[given.grant_type] or given.token and "tells the server to end a token" or "asks for a token"
  end
  return given.code_verifier and "asks for a token with the code and the verifier" or "asks for a token with the code"
end

local asks = {
  token_endpoint = at_token_endpoint,
  authorization_endpoint = "asks the server to sign the user in",
  device_authorization_endpoint = "asks for a code to show to the user",
  pushed_authorization_request_endpoint = "hands its request in, before the browser goes",
  jwks_uri = "asks for the server's public keys",
  revocation_endpoint = "tells the server to end the token",
  introspection_endpoint = "asks what the token is good for",
  userinfo_endpoint = "asks who the user is",
  registration_endpoint = "registers itself",
}

-- The name of the endpoint that a path is; by the server's metadata, else by how such paths are called.
local function endpoint_of(path, endpoints)
  for name in pairs(asks) do
    local url = endpoints and endpoints[name]
    if type(url) == "string" and url:match "^%a+://[^/]*([^?#]*)" == path then return name end
  end
  if path:find "/%.well%-known/o" then return "metadata" end
  if path:find "jwks" or path:find "/certs$" then return "jwks_uri" end
  if path:find "/token$" then return "token_endpoint" end
  if path:find "/revoke$" then return "revocation_endpoint" end
end

local function ask(m, at, given)
  if m.to == "app" then
    if m.method == "POST" then return "hands on what stood behind the # of the address" end
    if given.code then return "brings the code back" end
    return given.error and "brings the refusal back" or "brings the answer back"
  end
  if at == "metadata" then return "asks where the server's endpoints are" end
  local words = asks[at]
  if words then return type(words) == "function" and words(given) or words end
  if m.from == "browser" then return m.method == "POST" and "sends what the user typed or chose" or "opens a page" end
  if m.method == "DELETE" and m.path:find "refresh%-tokens" then return "tells the server to forget the login" end
  return m.shows_token and "calls the API with the token" or "calls the server"
end

-- ---- answers

local function gives(value)
  local got = {}
  for _, each in ipairs { { "access_token", "a token" }, { "refresh_token", "a refresh token" },
    { "id_token", "an ID token" } } do
    if value[each[1]] then got[#got + 1] = each[2] end
  end
  if #got > 1 then got[#got] = "and " .. got[#got] end
  return #got > 0 and "gives " .. table.concat(got, #got > 2 and ", " or " ") or nil
end

local refusals = {
  authorization_pending = "not yet: the user hasn't answered", slow_down = "not yet, and ask less often",
  access_denied = "the user said no",
}

local statuses = {
  [401] = "doesn't take the token", [403] = "says that the token may not do this", [404] = "has nothing there",
  [429] = "has had enough for now", [503] = "can't answer now",
}

local function leads(value)
  if value.error then return "sends the browser back with a refusal" end
  if value.code then return "sends the browser back with a code" end
  if value.access_token then return "sends the browser back with the token in the address" end
  return "sends the browser on"
end

local function answer(m, at, value, location)
  if not m.status then return m.why and "doesn't answer" or nil end
  if location and m.status >= 300 and m.status < 400 then return leads(location) end
  local told = type(value) == "table" and value or {}
  if type(told.error) == "string" then return refusals[told.error] or "refuses" end
  if m.status >= 400 then
    return m.from == "app" and at == "token_endpoint" and "refuses" or statuses[m.status] or "refuses"
  end
  if m.to == "app" then return "shows a last page" end
  if m.from == "browser" then return "shows a page" end
  return gives(told) or told.user_code and "gives a code to show" or told.keys and "gives its public keys"
    or at == "metadata" and "says where they are" or at == "revocation_endpoint" and "has ended it"
    or "gives what was asked for"
end

-- ---- rows

local function row(rows, place, name, value, known)
  if #rows >= most_rows then return end
  if #value > most_value then value = value:sub(1, most_value) .. " …" end
  rows[#rows + 1] = { place = place, name = name, value = core.printable(value), means = known and known[1],
    source = known and known[2] }
end

local function unescape(text)
  return form.unescape(text) or text
end

-- Rows of "a=1&b=2", in their order; gives its fields too.
local function rows_of_form(rows, place, text)
  local found = {}
  for pair in text:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    name, value = unescape(name), unescape(value)
    found[name] = value
    row(rows, place, name, value, fields.of(name))
  end
  return found
end

local function rows_of_headers(rows, head)
  for name, value in head:gmatch "\n([^:\r\n]+):[ \t]*([^\r\n]*)" do
    local known = fields.of_header(name:lower(), value)
    if known then row(rows, "header", name, value, known) end
  end
end

local function rows_of_json(rows, body)
  local value = body:find "^%s*{" and json.decode(body)
  if type(value) ~= "table" then return nil end
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if fields.of(name) then
      local each = value[name]
      row(rows, "answer", name, type(each) == "string" and each or json.encode(each), fields.of(name))
    end
  end
  return value
end

local function query_of(url)
  return url and url:match "%?([^#]*)" or ""
end

--- Reads a message whose secrets are covered.
---@param m table as the page gets it: `from`, `to`, `method`, `path`, `status`, `target`, `request`, `response`, `why`
---@param endpoints table<string, string>? of the server
---@return table meaning `ask`, `answer`, `asked` and `told`: rows of `place`, `name`, `value`, `means`, `source`
function meaning.of(m, endpoints)
  local asked, told = json.list(), json.list()
  if not m.path then return { asked = asked, told = told } end
  local request, response = m.request or { head = "", body = "" }, m.response or { head = "", body = "" }
  local given = rows_of_form(asked, "query", query_of(m.target))
  if request.head:lower():find("application/x-www-form-urlencoded", 1, true) and m.from == "app" then
    for name, value in pairs(rows_of_form(asked, "form", request.body)) do given[name] = value end
  end
  rows_of_headers(asked, request.head)
  rows_of_headers(told, response.head)
  local to = response.head:match "\n[Ll]ocation:[ \t]*([^\r\n]+)"
  local location = to and rows_of_form(told, "location", to:match "[?#](.*)$" or "")
  local value = rows_of_json(told, response.body)
  local at = endpoint_of(m.path, endpoints)
  local shown = { from = m.from, to = m.to, method = m.method, path = m.path, status = m.status, why = m.why,
    shows_token = request.head:find "\n[Aa]uthorization: Bearer" or request.head:find "\n[Aa]uthorization: DPoP" }
  return { at = at, ask = ask(shown, at, given), answer = answer(shown, at, value, location), asked = asked,
    told = told }
end

return meaning
