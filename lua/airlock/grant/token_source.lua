--- Sessions whose token somebody else makes: another program, a cloud, a file. The program's function gives it.

-- spec: spec/session/token_source_spec.lua

local compat = require "airlock.compat"
local core = require "airlock.core"
local options = require "airlock.options"

local token_source = {}

local functions = setmetatable({}, { __mode = "k" }) -- session → what gives its token
local known = { identity = "string", scope = "string" }

local function nonsense(why)
  return nil, "the token's source gave " .. why, "misconfigured"
end

-- What is wrong with a lifetime; nil: nothing.
local function wrong_seconds(seconds)
  if type(seconds) ~= "number" then
    return ("a lifetime that is a %s, not a number of seconds"):format(type(seconds))
  end
  if seconds ~= seconds then return "a lifetime that is no number (NaN)" end
  if seconds <= 0 then return ("a lifetime of %g s: it must be more than 0"):format(seconds) end
end

-- The token reply of what a source gave, as JSON; or nil, why, outcome.
local function reply_of(reply)
  local token = reply.access_token
  if token == nil then return nonsense "a table without an access_token" end
  if type(token) ~= "string" then return nonsense(("a token that is a %s, not a string"):format(type(token))) end
  if token == "" then return nonsense "an empty token" end
  if token:find "[^\33-\126]" then
    return nonsense "a token with a space, line break or other character in it that no token may have"
  end
  local seconds = reply.expires_in
  local wrong = seconds ~= nil and wrong_seconds(seconds)
  if wrong then return nonsense(wrong) end
  for _, name in ipairs { "token_type", "scope" } do
    if reply[name] ~= nil and type(reply[name]) ~= "string" then
      return nonsense(("a %s that is a %s, not a string"):format(name, type(reply[name])))
    end
  end
  return core.json.encode { access_token = token, token_type = reply.token_type or "Bearer", scope = reply.scope,
    expires_in = seconds ~= nil and seconds < math.huge and seconds or nil }
end

local function judge(ok, first, second, third)
  if not ok then return nil, "the token's source raised an error: " .. tostring(first), "misconfigured" end
  if first == nil then
    if second == nil then return nonsense "nothing" end
    local outcome = type(third) == "table" and third.outcome or "transient"
    return nil, "the token's source failed: " .. tostring(second), outcome
  end
  if type(first) == "string" then return reply_of { access_token = first, expires_in = second } end
  if type(first) ~= "table" then return nonsense(("a %s, not a token"):format(type(first))) end
  return reply_of(first)
end

--- Asks the source of a session for its token; the call takes it to all who wait.
---@param call userdata
---@param session userdata
function token_source.ask(call, session)
  local number = call:source()
  if not number then return end
  call:sourced(number, judge(compat.pcall(functions[session], session:settings())))
end

-- The function and the identity of what the program gave.
local function read(source, given, whose)
  if type(source) == "function" then return source, given.identity end
  local ok, get = pcall(function() return source.get end)
  if ok and type(get) == "function" then
    return function(settings) return source:get(settings) end, given.identity or source.identity
  end
  core.mistake(("%s: a source of tokens was expected (a function, or one of airlock.source), not a %s"):format(whose,
    type(source)))
end

--- See client:token_source.
---@param client userdata
---@param source function|table
---@param given table?
---@param whose string
---@return userdata session
function token_source.begin(client, source, given, whose)
  given = options.read(given, whose, known)
  local get, identity = read(source, given, whose)
  if identity == "" then options.mistake(whose, "identity", "is empty") end
  local session = core.session(client, "token_source", given.scope or "", nil, identity, whose)
  functions[session] = get
  session:ask_source()
  return session
end

return token_source
