--- Functions of the program that give what a session's next token is asked for with (an assertion, a token to
--- exchange).

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

--- The function of a session, or nil.
---@param session userdata
---@return function?
function sources.of(session)
  return of[session]
end

return sources
