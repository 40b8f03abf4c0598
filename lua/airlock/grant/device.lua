--- Login on another device (RFC 8628): this one shows a code, the user enters it elsewhere.

-- spec: spec/grant/user_token_spec.lua

local backchannel = require "airlock.backchannel"
local callback = require "airlock.loop.callback"
local core = require "airlock.core"
local failure = require "airlock.failure"
local form = require "airlock.form"
local id_token = require "airlock.id_token"
local registry = require "airlock.loop.registry"
local progress = require "airlock.progress"

local device = {}
--- A login that waits for the user to enter a code elsewhere.
---@class airlock.device
---@field user_code string what the user enters (RFC 8628 section 3.2)
---@field verification_uri string where (RFC 8628 section 3.2)
---@field verification_uri_complete? string the same with the code in it; nil where there is none (RFC 8628 section 3.2)
---@field expires_in number seconds (RFC 8628 section 3.2)
---@field interval number seconds between two questions (RFC 8628 section 3.5)
local methods = {}
local meta = { __index = methods, __name = "airlock.grant.device",
  __tostring = function() return "airlock.grant.device" end }
-- keys of what isn't shown
local code_of, client_of, scope_of, resource_of, account_of, over_of = {}, {}, {}, {}, {}, {}

local default_interval, default_lifetime = 5, 600 -- seconds; RFC 8628 section 3.2 has the first

local function positive(value, default)
  value = tonumber(value)
  return value and value > 0 and value < 1e6 and value or default
end

local function malformed(client, what)
  return failure.malformed("the device authorization endpoint's answer", what,
    backchannel.place(client, "device_authorization_endpoint"))
end

-- The user is shown these, so they are what they look like. The user is sent there, so it must be a page of the web,
-- and one that this server may name; what stands behind '#' stays in the browser.
local function unfit(client, uri)
  if core.printable(uri) ~= uri then return "holds characters that can't be shown" end
  return core.url_fault((uri:gsub("#.*", "")), client)
end

-- The scope, and what the server's profile wants beside it.
local function form_of(client, scope)
  local fields = { scope = scope ~= "" and scope or nil }
  for name, value in pairs((client:settings().provider or {}).device_params or {}) do fields[name] = value end
  return form.encode(fields, "client:device_code", "device_params")
end

--- Asks for a code.
---@param client userdata
---@param scope string
---@param resource string? fields of a form (RFC 8707)
---@param account string? under which the session is kept
---@param more string? fields of its token requests
---@return table? device `user_code`, `verification_uri`, `verification_uri_complete`, `expires_in`, `interval`,
--- `:wait()`
---@return string? message
---@return table? detail
function device.begin(client, scope, resource, account, more)
  local fields = form_of(client, scope)
  if resource then fields = fields .. (fields ~= "" and "&" or "") .. resource end
  local reply, message, detail = backchannel.ask(client, "device_authorization_endpoint", fields)
  if not reply then return nil, message, detail end
  if type(reply) ~= "table" or type(reply.device_code) ~= "string" then
    return malformed(client, "holds no device_code")
  end
  local uri = reply.verification_uri or reply.verification_url -- the second is Google's
  if type(reply.user_code) ~= "string" or type(uri) ~= "string" then
    return malformed(client, "holds no user_code or no verification_uri")
  end
  local complete = type(reply.verification_uri_complete) == "string" and reply.verification_uri_complete or nil
  if core.printable(reply.user_code) ~= reply.user_code then
    return malformed(client, "holds a user_code with characters that can't be shown")
  end
  local why = unfit(client, uri) or complete and unfit(client, complete)
  if why then return malformed(client, "holds a verification_uri that " .. why) end
  local lifetime = positive(reply.expires_in, default_lifetime)
  return setmetatable({
    user_code = reply.user_code, verification_uri = uri,
    verification_uri_complete = complete,
    expires_in = lifetime, interval = positive(reply.interval, default_interval),
    [code_of] = reply.device_code, [client_of] = client, [scope_of] = scope, [resource_of] = more,
    [account_of] = account, [over_of] = core.moment() + lifetime,
  }, meta)
end

-- Where a plain script waits at a terminal, a line there says for what; in a loop nothing is shown.
local function settle(self, session, timeout)
  local line = not registry.current(session) and progress.line()
  if not line then return session:settle(timeout) end
  local ok, done, message, detail = pcall(progress.during, function()
    line:show(("Waiting for the code %s to be entered (%s left)"):format(self.user_code,
      progress.span(math.max(0, self[over_of] - core.moment()))))
  end, session.settle, session, timeout)
  line:clear()
  if not ok then error(done, 0) end
  return done, message, detail
end

--- Waits until the user has decided. It asks no more often than the server wants.
---@param timeout? number seconds; then it fails as "network" with "timeout", and may be called again. Nil: the code's
--- life
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "access_denied" or "expired_token"; or "network", "store"
---@see RFC 8628 section 3.4 and 3.5
function methods:wait(timeout)
  if timeout ~= nil and not (type(timeout) == "number" and timeout > 0) then
    core.mistake "device:wait: the time-out must be a number of seconds, more than 0"
  end
  local session = core.session(self[client_of], "device_code", self[scope_of], nil, self[account_of], "device:wait",
    self[resource_of])
  session:open_device(self[code_of], self.interval, math.max(0, self[over_of] - core.moment()))
  local ok, message, detail = settle(self, session, timeout or math.huge)
  if ok then ok, message, detail = id_token.admit(session) end
  if ok then return session end
  session:close()
  return nil, message, detail
end

methods.wait = callback.taking(methods.wait, function(self) return self[client_of]:settings() end)

device.methods = methods

return device
