--- A session's token: as text, seen to, renewed.

-- spec: spec/session/token_life_spec.lua

local lazy = require "airlock.lazy"
local calls = lazy "airlock.call"
local core = require "airlock.core"
local failure = lazy "airlock.failure"
local registry = require "airlock.loop.registry"

local methods = {}
local fresh_token = core.classes.session.fresh_token

-- force: nil gives the token, false sees to it that there is one, true gets a new one
local function token(self, force, timeout)
  local loop = registry.current(self)
  if loop then
    local start = loop.start_token or core.start_token
    return calls.serve(start(self, timeout, force), loop, self)
  end
  local text, message, detail = core.obtain(self, timeout, force)
  if text == false then return calls.serve(message, nil, self) end
  return text, message, detail
end

--- The access token, renewed if need be. It is the one call that turns a secret into text. A token that is bound to a
--- key is of no use without that key.
---@return string? token
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "login_required" if the user must log in again; "network" or
--- "store"
---@see RFC 6749 section 1.4
function methods:token()
  local text = fresh_token(self)
  if text then return text end
  return token(self)
end

--- Sees to it that there is a token, without telling it.
---@param timeout? number seconds; math.huge for no limit; by default the client's
---@return true? done
---@return string? message
---@return airlock.failure? detail of kind "oauth", "network" or "store"
---@see RFC 6749 section 1.4
function methods:settle(timeout)
  return token(self, false, timeout)
end

--- Gets a new token now, however fresh the old one is, and also while the token endpoint wants to be left alone
--- (`Retry-After`). If that fails, the old token stays in use.
---@return true? done
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "not_renewable" for a permanent or implicit token, or
--- "login_required"; or "network", "store"
---@see RFC 6749 section 6
function methods:refresh()
  local grant = self:info().grant
  if grant == "permanent_token" or grant == "implicit" or grant == "anonymous" then
    return failure.oauth("not_renewable", "this session's token can't be renewed",
      { outcome = "interaction_required" })
  end
  return token(self, true)
end

--- What the newest token reply says beside its tokens, such as `instance_url`, or members that only one server has. A
--- token is got first, if there is none. It is kept in the store, too.
---@return table<string, any>? members empty for a token that no reply brought
---@return string? message
---@return airlock.failure? detail of kind "oauth", "network" or "store"
---@see RFC 6749 section 5.1
function methods:reply()
  local ok, message, detail = self:settle()
  if not ok then return nil, message, detail end
  local text = self:reply_text()
  return text and core.json.decode(text) or {}
end

return methods
