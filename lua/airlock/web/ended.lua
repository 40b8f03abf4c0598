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
  for _, key in ipairs { data.sid and "sid:" .. data.sid or false, data.sub and "sub:" .. data.sub or false } do
    local told = key and self.memory.get(key) or nil
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

--- Ends all sessions that began before now: of a session of the server, or else of a subject.
---@param sid string?
---@param sub string?
---@param seconds number the longest that one lives
function ended:all(sid, sub, seconds)
  return self.memory.set(sid and "sid:" .. sid or "sub:" .. sub, tostring(core.wall()), seconds)
end

--- Remembers a logout token; false: it was here before.
---@param jti string
---@param seconds number
---@return boolean
function ended:first(jti, seconds)
  if self.memory.get("jti:" .. jti) then return false end
  self.memory.set("jti:" .. jti, "1", seconds)
  return true
end

return ended
