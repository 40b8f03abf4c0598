--- Sessions that were ended before their time, by the user or the server: what isn't known here goes on.

-- spec: spec/web/logout_spec.lua

local core = require "airlock.core"

local ended = {}
ended.__index = ended

local most = 10000 -- entries of a memory of one's own; the oldest goes first

-- A memory of this Lua state, where the program gives none that all its processes share.
local function memory()
  local values, order, first = {}, {}, 1
  return {
    get = function(key)
      local entry = values[key]
      return entry and core.now() < entry.till and entry.value or nil
    end,
    set = function(key, value, seconds)
      if not values[key] then
        order[#order + 1] = key
        if #order - first >= most then
          values[order[first]], order[first] = nil, nil
          first = first + 1
        end
      end
      values[key] = { value = value, till = core.now() + seconds }
      return true
    end,
  }
end

--- A memory of ended sessions.
---@param sessions table? `{ get, set }`, shared by all processes of the application
---@return table
function ended.new(sessions)
  return setmetatable({ memory = sessions or memory() }, ended)
end

--- Whether a session was ended after it began.
---@param data table of the cookie
---@return boolean
function ended:is(data)
  if self.memory.get("id:" .. data.id) then return true end
  local keys = {}
  if data.sid then keys[1] = "sid:" .. data.sid end
  if data.sub then
    keys[#keys + 1] = "sub:" .. data.sub
    if not data.sid then keys[#keys + 1] = "nameless:" .. data.sub end
  end
  for _, key in ipairs(keys) do
    local told = self.memory.get(key)
    local at = told and tonumber(told)
    if at and at >= data.at then return true end
  end
  return false
end

--- Ends one session.
---@param id string
---@param seconds number how long it would still have lived
function ended:one(id, seconds)
  return self.memory.set("id:" .. id, "1", seconds)
end

--- Ends all sessions that began before now: of a session of the server, or else of a subject. A user's sessions whose
--- ID token named no session of the server may be any, so these end, too.
---@param sid string?
---@param sub string?
---@param seconds number the longest that one lives
---@return boolean? kept nil or false: the memory didn't take it
function ended:all(sid, sub, seconds)
  local now = tostring(core.wall())
  if not sid then return self.memory.set("sub:" .. sub, now, seconds) end
  return self.memory.set("sid:" .. sid, now, seconds)
    and (not sub or self.memory.set("nameless:" .. sub, now, seconds))
end

--- Whether a logout token was here before.
---@param jti string
---@return boolean
function ended:knows(jti)
  return self.memory.get("jti:" .. jti) ~= nil
end

--- Remembers a logout token.
---@param jti string
---@param seconds number
---@return boolean? kept
function ended:remember(jti, seconds)
  return self.memory.set("jti:" .. jti, "1", seconds)
end

return ended
