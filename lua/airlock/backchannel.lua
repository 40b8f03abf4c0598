--- A client's own requests to its server's endpoints, other than the token endpoint: device authorization, revocation,
--- introspection, key sets, registration.

-- spec: spec/grant/user_token_spec.lua

local calls = require "airlock.call"
local core = require "airlock.core"
local failure = require "airlock.failure"
local form = require "airlock.form"
local registry = require "airlock.loop.registry"

local backchannel = {}

local function tidy(value)
  return type(value) == "string" and value ~= "" and value:gsub("[%c\127-\255]+", "?"):sub(1, 512) or nil
end

-- The server's own error where it gives one (RFC 6749 section 5.2), else what the status says.
-- `what` is asked, at `place`, and `hint` says what may be wrong with the client's proof.
local function judge(status, body, head, what, place, hint)
  local value = core.json.decode(body)
  -- a form, as a few servers answer whatever Accept says
  if value == nil then value = core.form(body) end
  local code = type(value) == "table" and tidy(value.error)
  if not code and status >= 200 and status < 300 then return type(value) == "table" and value or true end
  local outcome = (status >= 500 or status == 429) and "transient" or "misconfigured"
  local barred = status == 401 or status == 403
  local more = { outcome = outcome, status = status, retry_after = core.retry_after(head),
    challenges = barred and core.challenges(head) or nil }
  local message
  if code then
    more.description = tidy(value.error_description)
    message = ("the %s said no: %s%s%s"):format(what, code, more.description and ": " .. more.description or "",
      code == "invalid_client" and hint or "")
  elseif status >= 300 and status < 400 then
    code, message = "unexpected_redirect", ("the %s answered with a redirect, which is never followed"):format(what)
  else
    code = outcome == "transient" and "server_error" or "malformed_reply"
    message = ("the %s answered with status %d and no reason that could be read%s"):format(what, status,
      barred and hint or "")
  end
  return failure.oauth(code, failure.at(place, message, more))
end

-- What is to be looked at where the server refuses without a word.
local function refused_proof(settings)
  local by = { client_secret_basic = ", client_secret", client_secret_post = ", client_secret",
    client_secret_jwt = ", client_secret", private_key_jwt = ", private_key",
    client_assertion = ", client_assertion", tls_client_auth = ", cert_file",
    self_signed_tls_client_auth = ", cert_file" }
  return ("; check client_id%s and client_auth (\"%s\")"):format(by[settings.client_auth] or "", settings.client_auth)
end

--- Where that is asked, as failure.at takes it.
---@param client userdata
---@param name string the endpoint's option
---@return table place
function backchannel.place(client, name)
  local settings, _, _, url = client:settings(), core.asked(client, name)
  if name == "jwks_uri" then return { method = "GET", url = url, client_id = settings.client_id } end
  return { method = "POST", url = url, client_id = settings.client_id, client_auth = settings.client_auth }
end

--- Asks an endpoint of the client's server, with the client's authentication.
---@param client userdata
---@param name string the endpoint's option, such as "revocation_endpoint"
---@param fields string? encoded as a form; nil: a plain GET
---@param session userdata? whose token is added to the form (RFC 7009 section 2.1)
---@param access boolean? it is the access token, even where there is a refresh token
---@param authorization userdata? whose key is proved, too (RFC 9449)
---@return table|true? value the decoded answer; true where there is none
---@return string? message
---@return table? detail
function backchannel.ask(client, name, fields, session, access, authorization)
  local settings = client:settings()
  local secret, why, more
  if fields then secret, why, more = calls.proof(settings) end
  if more then return nil, why, more end
  local loop = registry.current(client)
  local call, message, detail = core.ask(client, name, fields, session, secret or nil,
    loop ~= nil and loop.carry ~= nil, access, authorization)
  if not call then return nil, message, detail end
  local status, body, head = calls.serve(call, loop, client)
  if not status then return nil, body, head end
  local what, hint = core.asked(client, name, secret or nil)
  if fields then hint = refused_proof(settings) .. hint end
  return judge(status, body, head, what, backchannel.place(client, name), hint)
end

--- Asks at a URL, with JSON and a token of its own, or neither.
---@param client userdata whose settings hold
---@param url string
---@param method string
---@param body string? JSON
---@param token string?
---@return table|true? value the decoded answer; true where there is none
---@return string? message
---@return table? detail
function backchannel.fetch(client, url, method, body, token)
  local loop = registry.current(client)
  local call = core.fetch(client, url, loop ~= nil and loop.carry ~= nil, method, body, token)
  local status, answer, head = calls.serve(call, loop, client)
  if not status then return nil, answer, head end
  return judge(status, answer, head, "server", { method = method, url = url }, "")
end

-- RFC 7662 section 2.2: `active` decides. Of a token that isn't, nothing else that may be said counts.
local function judge_token(client, told, message, detail)
  if not told then return nil, message, detail end
  if type(told) ~= "table" or type(told.active) ~= "boolean" then
    return failure.malformed("the introspection endpoint's answer", "doesn't say whether the token is active",
      backchannel.place(client, "introspection_endpoint"))
  end
  return told.active and told or { active = false }
end

--- What the server says about a token (RFC 7662); it is asked each time.
---@param client userdata
---@param token string|userdata the token, or a session, whose access token is meant
---@param hint string? token_type_hint
function backchannel.introspect(client, token, hint)
  if type(token) == "userdata" then
    return judge_token(client, backchannel.ask(client, "introspection_endpoint", "", token, true))
  end
  return judge_token(client, backchannel.ask(client, "introspection_endpoint",
    form.encode({ token = token, token_type_hint = hint }, "client:introspect", "token")))
end

return backchannel
