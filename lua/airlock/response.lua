--- A response: status, body, and the rest when it is asked for.

-- spec: spec/session/response_spec.lua

local lazy = require "airlock.lazy"
local core = require "airlock.core"
local failure = lazy "airlock.failure"

local response = {}
--- The result of `session:request`, also in `detail.response`. `tostring` gives "airlock.response (<status>)".
---@class airlock.response
---@field status integer the status (RFC 9110 section 15)
---@field body string unpacked; "" if a sink took it
---@field headers table<string, string> the header fields, by name in any case. Repeated ones are joined by ", ",
--- `Set-Cookie` by line breaks. Iteration gives lower-case names (RFC 9110 section 5.3).
---@field url string the URL that answered, after redirects
---@field challenges? airlock.challenge[] of a status 401 or 403: what the server wants to see, in its order; empty if
--- it didn't say (RFC 9110 section 11.6.1)
local methods = {}
local head_of = {} -- the key under which a response keeps its header block as it came
local settings_of = {} -- … the client's settings
local method_of = {} -- … and its request's method, where that isn't GET

--- The body, decoded from JSON.
---@return any value
---@return string? message
---@return airlock.failure? detail of kind "http" with "malformed_response"
---@see RFC 8259
function methods:json()
  local value, why, at, line, column = core.json.decode(self.body, self[settings_of].big_numbers)
  if value == nil then return response.malformed(self, why, at, line, column) end
  return value
end

-- Some APIs answer failures with status 200, and say so in a member of the body.
local function refuses(value, settings)
  local provider = settings.provider
  local member = provider and provider.api_error
  return member ~= nil and type(value) == "table" and value[member] == false
end

response.refuses = refuses

--- The failure that this response is, as `session:get` would give it: for a status of 300 or more, or if a provider's
--- API says so in its body (Slack).
---@return string? message nothing for what is no failure
---@return airlock.failure? detail of kind "http"
---@see docs/failures.md
function methods:failure()
  local settings = self[settings_of]
  local refused = self.status >= 300 or settings.provider and refuses(core.json.decode(self.body), settings)
  if not refused then return nil end
  local _, message, detail = response.failure(self.status, self.body, self[head_of], self.url, settings,
    self[method_of])
  return message, detail
end

-- The same for a body that a sink took.
function methods:_refusal(body)
  return response.failure(self.status, body, self[head_of], self.url, self[settings_of], self[method_of])
end

-- Field names have no case; repeated fields are joined as RFC 9110 section 5.3 has it, but for Set-Cookie, which can't
-- be.
local any_case = {
  __index = function(headers, name)
    return type(name) == "string" and rawget(headers, core.lower(name)) or nil
  end,
}

local function headers_of(head)
  local headers = core.headers(head)
  for name, value in pairs(headers) do
    if type(value) == "table" then headers[name] = table.concat(value, name == "set-cookie" and "\n" or ", ") end
  end
  return setmetatable(headers, any_case)
end

--- The header fields of a block as it came, by name in any case.
response.headers = headers_of

local function challenges_of(self)
  if self.status ~= 401 and self.status ~= 403 then return nil end
  local challenges = core.challenges(self[head_of])
  rawset(self, "challenges", challenges)
  return challenges
end

local meta = {
  __name = "airlock.response",
  __index = function(self, name)
    if name == "challenges" then return challenges_of(self) end
    if name ~= "headers" then return methods[name] end
    local headers = headers_of(self[head_of])
    rawset(self, name, headers)
    return headers
  end,
  __tostring = function(self) return ("airlock.response (%d)"):format(self.status) end,
}

--- Makes a response of what core.perform gave.
---@param status integer
---@param body string
---@param head string the header block as it came, lines ended by CR LF
---@param url string
---@param settings table the client's
---@param method string? nil: GET
---@return table response
function response.new(status, body, head, url, settings, method)
  local made = setmetatable({ status = status, body = body, url = url, [head_of] = head, [settings_of] = settings },
    meta)
  if method and method ~= "GET" then made[method_of] = method end
  return made
end

local function text(value)
  return type(value) == "string" and value ~= "" and value or nil
end

-- Printable, one line, and not for ever.
local function tidy(value)
  return value and core.printable((value:sub(1, 2048):gsub("%c+", " "))):sub(1, 512)
end

-- RFC 9470 section 3: a new token would change nothing, but a login that is fresher or stronger would.
local function step_up(challenges)
  for _, challenge in ipairs(challenges or {}) do
    if challenge.error == "insufficient_user_authentication" then return challenge end
  end
end

local function told_of(challenge)
  local wants = {}
  if challenge.acr_values then wants[#wants + 1] = "acr_values " .. core.printable(challenge.acr_values) end
  if challenge.max_age then wants[#wants + 1] = "max_age " .. core.printable(challenge.max_age) end
  return "the user must log in again" .. (wants[1] and ", with " .. table.concat(wants, " and ") or "")
end

local outcomes = { [401] = "interaction_required", [408] = "transient", [425] = "transient", [429] = "transient" }

local function place_of(answer)
  return { method = answer[method_of] or "GET", url = answer.url, client_id = answer[settings_of].client_id }
end

--- The failure that a status of 300 or more is to those who wanted JSON: nil, message, detail of kind "http".
---@return nil
---@return string message
---@return table detail `code` is the API's own `error` where there is one, else "http_<status>"
function response.failure(status, body, head, url, settings, method)
  local value = core.json.decode(body)
  local told = type(value) == "table" and value or {}
  local code, description = tidy(text(told.error)), tidy(text(told.error_description) or text(told.message))
  local why = description or code
  local message = ("the API answered with status %d%s"):format(status, why and ": " .. why or "")
  local answer = response.new(status, body, head, url, settings, method)
  local step = step_up(answer.challenges)
  if step then
    code, description = step.error, description or tidy(text(step.error_description))
    message = ("the API answered with status %d: %s"):format(status, told_of(step))
  end
  return failure.http(code or ("http_%d"):format(status), failure.at(place_of(answer), message, {
    status = status, description = description, challenges = answer.challenges,
    acr_values = step and text(step.acr_values), max_age = step and tonumber(step.max_age),
    outcome = step and "interaction_required" or outcomes[status] or (status >= 500 and "transient" or "misconfigured"),
    retry_after = core.retry_after(head), response = answer,
  }))
end

--- The failure that a body which should be JSON, and isn't, is.
---@param answer table response
---@return nil
---@return string message
---@return table detail
function response.malformed(answer, why, at, line, column)
  local body = answer.body
  local what = body == "" and "is empty" or body:find "^%s*<" and "is a web page"
    or ("can't be read: at byte %d (line %d, column %d) it %s"):format(at, line, column, why)
  local message = ("the answer (status %d) should be JSON, but %s"):format(answer.status, what)
  return failure.http("malformed_response", failure.at(place_of(answer), message,
    { status = answer.status, offset = at, line = line, column = column, response = answer }))
end

response.methods = methods

return response
