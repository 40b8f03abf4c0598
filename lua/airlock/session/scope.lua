--- Sessions whose scope is a set: a wider login that serves a narrower wish, and more scope for a session.

-- spec: spec/grant/scope_spec.lua

local core = require "airlock.core"
local form = require "airlock.form"
local failure = require "airlock.failure"
local lazy = require "airlock.lazy"
local login = lazy "airlock.grant.login"
local id_token = lazy "airlock.id_token"
local options_of = require "airlock.options"
local registry = require "airlock.loop.registry"

local methods = {}
local login_options = setmetatable({}, { __mode = "k" }) -- session → what its login was told beside the scope

-- ---- a wider login

-- Those in a store of the program's own, where it can say what it holds.
local function in_program(session, lines)
  local store = session:settings().store
  if type(store) ~= "table" or not store.list then return end
  for _, name in ipairs(store.list() or {}) do
    local text = store.load(name)
    lines[#lines + 1] = text and session:_serves(name, text)
  end
end

local function narrower(a, b)
  if a.words ~= b.words then return a.words < b.words end
  return a.scope < b.scope
end

local function candidates(session)
  local lines = { session:_wider() }
  if not lines[1] then return {} end
  in_program(session, lines)
  local list = {}
  for words, scope in table.concat(lines):gmatch "(%d+) ([^\n]*)\n" do
    list[#list + 1] = { words = tonumber(words), scope = scope }
  end
  table.sort(list, narrower)
  return list
end

--- A login that still works and has all of the session's scope and more: the narrowest.
---@param session userdata whose own login isn't there
---@return userdata? wider nil: there is none; or nil, message, detail: there is one, but it can't be asked just now
---@return string? message
---@return table? detail
function methods._find_wider(session)
  for _, each in ipairs(candidates(session)) do
    local wider = session:_sibling(each.scope)
    local ok, message, detail = wider:settle()
    if ok then return wider end
    wider:close()
    if detail.outcome == "transient" then return nil, message, detail end
  end
end

-- ---- more scope

--- Remembers what a login was told, for another one of the same session.
---@param session userdata
---@param options table
function methods._opened_by(session, options)
  local kept = {}
  for name, value in pairs(options) do kept[name] = value end
  login_options[session] = kept
end

local function cannot(grant, scope)
  return failure.oauth("cannot_widen", ("a session by %s can't ask for more scope: begin a new one with the scope '%s'")
    :format(grant, core.printable(scope)), { outcome = "interaction_required" })
end

-- Resource indicators, from the fields of a form.
local function resources(fields)
  local list = form.values(fields, "resource")
  return list[1] and list or nil
end

-- How a session by each grant gets more: they open `wider`, or another one that has it all, and give that.
local ways = {}

function ways.client_credentials(_, wider)
  local ok, message, detail = wider:settle()
  if ok then return wider end
  return nil, message, detail
end

function ways.authorization_code(session, wider, options, scope)
  if registry.native then return cannot("authorization_code in nginx", scope) end
  local made = {}
  for name, value in pairs(login_options[session] or {}) do made[name] = value end
  for name, value in pairs(options) do made[name] = value end
  made.scope, made.resource, made.token_params = scope, resources((select(2, session:_wish()))), nil
  local opened, message, detail = login.run(session:settings().client, made, "session:widen", wider)
  if not opened then return nil, message, detail end
  local same
  same, message, detail = id_token.same_user(session, opened)
  if same then return opened end
  return nil, message, detail
end

local known = { port = "number", open = "function", timeout = "number", access_type = "string", params = "table",
  request_credentials = "string", host = "string" }

--- Gets more scope: the words of `scope` beside those that the session has. A session by client credentials asks for
--- all of them at once. One of a user's, by authorization code, logs the user in anew, as `client:login` does, with the
--- options of the login before. The old login serves until the new one is there. If that doesn't come, or is another
--- user's, the session stays as it is. Other grants can't: begin a new session with the scope that the message names.
---
--- The server may grant less than was asked for. If the session has all of it already, no server is asked.
---@param scope string what is missing, or all that is wanted
---@param options? airlock.widen_options
---@return string? granted the scope that the session has now, as the server says it, else as asked for
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "cannot_widen" for other grants; else as of `client:login`
---@see RFC 6749 section 3.3, RFC 6750 section 3.1
function methods:widen(scope, options)
  local whose = "session:widen"
  if type(scope) ~= "string" then core.mistake(whose .. ": the scope must be a string, not a " .. type(scope)) end
  options = options_of.read(options, whose, known)
  local info, wish = self:info(), self:_wish()
  if info.scope and core.scope_covers(info.scope, scope) and self:ready() then return info.scope end
  local all = core.scope_union(core.scope_union(wish, info.scope or ""), scope)
  local way = ways[info.grant]
  if not way then return cannot(info.grant, all) end
  local wider = self:_sibling(all)
  local opened, message, detail = way(self, wider, options, all)
  if opened then self:_become(opened) end
  if opened and opened ~= wider then opened:close() end
  wider:close()
  if not opened then return nil, message, detail end
  return self:info().scope
end

return methods
