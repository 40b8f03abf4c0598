--- Sessions by what others have signed or issued (an assertion, a token to exchange), and the program's functions that
--- give what the next token is asked for with.

-- spec: spec/grant/exchange_spec.lua

local core = require "airlock.core"
local options = require "airlock.options"

local sources = {}
local of = setmetatable({}, { __mode = "k" }) -- session → function

--- Lets a function open the session: it gives a form, or nil, message, detail.
---@param session userdata
---@param source fun(): string?, string?, table?
---@return userdata session
function sources.set(session, source)
  of[session] = source
  session:ask_opening()
  return session
end

--- The scope to ask for.
---@param client userdata
---@param given table the grant's options
---@return string?
function sources.scope(client, given)
  local scope = given.scope or client:settings().scope
  return scope ~= "" and scope or nil
end

--- A session of such a grant.
---@param client userdata
---@param grant string
---@param given table the grant's options
---@param whose string begins the messages of mistakes
---@param id string? what tells the session from others; nil: it is like no other
---@return userdata session
function sources.session(client, grant, given, whose, id)
  return core.session(client, grant, given.scope, id, given.account, whose, options.more(whose, given))
end

--- The function of a session, or nil.
---@param session userdata
---@return function?
function sources.of(session)
  return of[session]
end

return sources
