--- Tokens of GitHub's: of an App's installation, and of an Actions job.

-- spec: spec/session/source_keys_spec.lua

local core = require "airlock.core"
local form = require "airlock.form"
local kit = require "airlock.source.kit"
local options = require "airlock.options"

local github = {}

local back, lifetime = 60, 600 -- s that the clock of an App's JWT is set back, and that it is good

local function app_token(path, app_id)
  local key, message, detail = kit.key_file(path)
  if not key then return nil, message, detail end
  local now = math.floor(core.wall()) - back
  local jwt, why = core.sign("RS256", key, core.json.encode { alg = "RS256", typ = "JWT" },
    core.json.encode { iss = app_id, iat = now, exp = now + lifetime })
  if not jwt then return kit.fail("misconfigured", "the key file %s: %s", why, path) end
  return jwt
end

local function id_of(given, name, whose)
  local text = type(given[name]) == "number" and ("%d"):format(given[name]) or given[name]
  if not text:find "^[%w._-]+$" then options.mistake(whose, name, "must be an id as GitHub shows it") end
  return text
end

--- See airlock.source.github_app.
function github.app(given)
  local whose = "airlock.source.github_app"
  given = kit.read(given, "github_app", { app_id = "string or number", key_file = "string",
    installation = "string or number", base_url = "string" }, { "app_id", "key_file", "installation" })
  local app_id, installation = id_of(given, "app_id", whose), id_of(given, "installation", whose)
  local base = given.base_url or "https://api.github.com/"
  local wrong = core.url_fault(base)
  if wrong then options.mistake(whose, "base_url", wrong) end
  local url = ("%s%sapp/installations/%s/access_tokens"):format(base, base:sub(-1) == "/" and "" or "/", installation)
  return kit.make("github_app", { app_id, installation, base, given.key_file }, function(_, settings)
    local jwt, message, detail = app_token(given.key_file, app_id)
    if not jwt then return nil, message, detail end
    local value
    value, message, detail = kit.ask(settings, "GitHub", { url = url, method = "POST", body = "",
      headers = { Accept = "application/vnd.github+json", ["X-GitHub-Api-Version"] = "2022-11-28" } }, nil, jwt)
    if not value then return nil, message, detail end
    if type(value.token) ~= "string" then return kit.fail("misconfigured", "GitHub: the answer has no token") end
    local ends = kit.moment(value.expires_at)
    return kit.reply(value.token, ends and ends - core.wall())
  end)
end

--- See airlock.source.github_actions.
function github.actions(given)
  given = kit.read(given, "github_actions", { audience = "string" })
  return kit.make("github_actions", { given.audience or "" }, function(_, settings)
    local url, token = os.getenv "ACTIONS_ID_TOKEN_REQUEST_URL", os.getenv "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
    if not url or not token then
      return kit.fail("misconfigured", "this is no job of GitHub Actions that may have an OIDC token (it needs "
        .. "permissions: id-token: write)")
    end
    local why = core.url_fault(url)
    if why then return kit.fail("misconfigured", "ACTIONS_ID_TOKEN_REQUEST_URL %s", why) end
    if given.audience then
      url = form.onto(url, { audience = given.audience }, "airlock.source.github_actions", "audience")
    end
    local value, message, detail = kit.ask(settings, "GitHub Actions", { url = url,
      headers = { Accept = "application/json" } }, nil, token)
    if not value then return nil, message, detail end
    if type(value.value) ~= "string" then
      return kit.fail("misconfigured", "GitHub Actions: the answer has no value")
    end
    return kit.reply(value.value)
  end)
end

return github
