--- Tokens by Google's JSON key of a service account (RFC 7523).

-- spec: spec/session/source_keys_spec.lua

local core = require "airlock.core"
local kit = require "airlock.source.kit"

local google = {}

local grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
local lifetime, back = 3600, 5 -- s that an assertion is good, and that its clock is set back

local function read_key(path)
  local text, message, detail = kit.key_file(path)
  if not text then return nil, message, detail end
  local key = core.json.decode(text)
  if type(key) ~= "table" then return kit.fail("misconfigured", "the key file isn't JSON: %s", path) end
  for _, name in ipairs { "client_email", "private_key", "token_uri" } do
    if type(key[name]) ~= "string" then
      return kit.fail("misconfigured", "the key file isn't that of a service account: it has no %s: %s", name, path)
    end
  end
  local why = core.url_fault(key.token_uri)
  if why then return kit.fail("misconfigured", "the key file's token_uri %s: %s", why, path) end
  return key
end

local function assertion(key, scope, subject)
  local now = math.floor(core.wall()) - back
  local header = core.json.encode { alg = "RS256", typ = "JWT", kid = key.private_key_id }
  local claims = core.json.encode { iss = key.client_email, scope = scope, aud = key.token_uri, sub = subject,
    iat = now, exp = now + lifetime }
  return core.sign("RS256", key.private_key, header, claims)
end

--- See airlock.source.google_service_account.
function google.service_account(given)
  given = kit.read(given, "google_service_account", { key_file = "string", scope = "string or table",
    subject = "string" }, { "key_file", "scope" })
  local scope = type(given.scope) == "table" and table.concat(given.scope, " ") or given.scope
  local path, subject = given.key_file, given.subject
  return kit.make("google_service_account", { path, scope, subject or "" }, function(_, settings)
    local key, message, detail = read_key(path)
    if not key then return nil, message, detail end
    local jwt, why = assertion(key, scope, subject)
    if not jwt then return kit.fail("misconfigured", "the key file's private_key %s: %s", why, path) end
    local value
    value, message, detail = kit.ask(settings, "Google's token endpoint", { url = key.token_uri, method = "POST",
      form = { grant_type = grant, assertion = jwt }, headers = { Accept = "application/json" },
      max_body = 1024 * 1024 })
    if not value then return nil, message, detail end
    if type(value.access_token) ~= "string" then
      return kit.fail("misconfigured", "Google's token endpoint: the answer has no access_token")
    end
    return kit.reply(value.access_token, tonumber(value.expires_in))
  end)
end

return google
