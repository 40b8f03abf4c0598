--- A client's own requests to its server's endpoints, other than the token endpoint: device authorization, revocation, key sets.

local calls = require "airlock.calls"
local core = require "airlock.core"
local loops = require "airlock.loop"

local endpoint = {}

local function fault(code, message, outcome, status, description)
  return nil, message, { kind = "oauth", code = code, outcome = outcome, status = status, description = description }
end

local function tidy(value)
  return type(value) == "string" and value ~= "" and value:gsub("[%c\127-\255]+", "?"):sub(1, 512) or nil
end

-- The server's own error where it gives one (RFC 6749 section 5.2), else what the status says.
local function judge(status, body)
  local value = core.json.decode(body)
  local code = type(value) == "table" and tidy(value.error)
  local outcome = (status >= 500 or status == 429) and "transient" or "misconfigured"
  if code then
    local why = tidy(value.error_description)
    return fault(code, "the authorization server said no: " .. code .. (why and ": " .. why or ""), outcome, status, why)
  end
  if status >= 200 and status < 300 then return type(value) == "table" and value or true end
  if status >= 300 and status < 400 then
    return fault("unexpected_redirect", "the endpoint answered with a redirect, which is never followed", "misconfigured", status)
  end
  return fault(outcome == "transient" and "server_error" or "malformed_reply",
    ("the endpoint answered with status %d and no reason that could be read"):format(status), outcome, status)
end

--- Asks an endpoint of the client's server, with the client's authentication.
---@param client userdata
---@param name string the endpoint's option, such as "revocation_endpoint"
---@param form string? fields, encoded; nil: a plain GET
---@param session userdata? whose token is added to the form (RFC 7009 section 2.1)
---@return table|true? value the decoded answer; true where there is none
---@return string? message
---@return table? detail
function endpoint.ask(client, name, form, session)
  local settings = client:settings()
  local secret = form and calls.proof(settings)
  local loop = loops.current(client)
  local call, message, detail = core.ask(client, name, form, session, secret or nil, loop ~= nil and loop.carry ~= nil)
  if not call then return nil, message, detail end
  local status, body, more = calls.serve(call, loop, { settings = settings })
  if not status then return nil, body, more end
  return judge(status, body)
end

return endpoint
