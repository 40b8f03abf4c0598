--- Tokens of a cloud's metadata service, which every machine there can ask at a link-local address.

-- spec: spec/session/source_metadata_spec.lua

local form = require "airlock.form"
local kit = require "airlock.source.kit"

local clouds = {}

local host = "169.254.169.254" -- link-local: no router lets it through, so nobody else answers there
local config = { plain_http = { host }, connect_timeout = 1, timeout = 10, proxy = "",
  max_redirects = 0 } -- a redirect would lead the question to somebody else

local function ask(settings, path, headers, what)
  local answer, message, detail = kit.request(settings, config, { url = ("http://%s%s"):format(host, path),
    headers = headers, max_body = 64 * 1024 })
  if not answer then
    return kit.fail(detail.outcome, "%s doesn't answer (is this a machine of that cloud?): %s", what, message)
  end
  if answer.status >= 300 and answer.status < 400 then
    return kit.fail("misconfigured", "%s answered with a redirect, which isn't followed", what)
  end
  return answer
end

local function reply_of(answer, what)
  local value, message, detail = kit.object(answer, what)
  if not value then return nil, message, detail end
  if type(value.access_token) ~= "string" then
    return kit.fail("misconfigured", "%s: the answer has no access_token", what)
  end
  return kit.reply(value.access_token, tonumber(value.expires_in))
end

local function words(value, separator)
  if type(value) == "table" then return table.concat(value, separator) end
  return value
end

--- See airlock.source.google_metadata.
function clouds.google_metadata(given)
  given = kit.read(given, "google_metadata", { scopes = "string or table", account = "string" })
  local scopes, account = words(given.scopes, ","), given.account or "default"
  local what = "Google's metadata service"
  local path = ("/computeMetadata/v1/instance/service-accounts/%s/token%s"):format(
    form.encode({ a = account }, "airlock.source.google_metadata", "account"):sub(3),
    scopes and "?" .. form.encode({ scopes = scopes }, "airlock.source.google_metadata", "scopes") or "")
  return kit.make("google_metadata", { account, scopes or "" }, function(_, settings)
    local answer, message, detail = ask(settings, path, { ["Metadata-Flavor"] = "Google" }, what)
    if not answer then return nil, message, detail end
    if answer.headers["Metadata-Flavor"] ~= "Google" then
      return kit.fail("misconfigured", "%s: the answer isn't of Google's (no Metadata-Flavor)", what)
    end
    return reply_of(answer, what)
  end)
end

--- See airlock.source.azure_metadata.
function clouds.azure_metadata(given)
  given = kit.read(given, "azure_metadata", { resource = "string", client_id = "string" }, { "resource" })
  local path = "/metadata/identity/oauth2/token?" .. form.encode({ ["api-version"] = "2018-02-01",
    resource = given.resource, client_id = given.client_id }, "airlock.source.azure_metadata", "resource")
  local what = "Azure's metadata service"
  return kit.make("azure_metadata", { given.resource, given.client_id or "" }, function(_, settings)
    local answer, message, detail = ask(settings, path, { Metadata = "true" }, what)
    if not answer then return nil, message, detail end
    return reply_of(answer, what)
  end)
end

return clouds
