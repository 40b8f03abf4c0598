--- What stands beside the engine: pollables that every wait steps too, such as a login's listener or an emulator.
-- A pollable is any object with `fd()` (one descriptor, readable when there is something to do) and `step()`.

-- spec: spec/loop/loop_spec.lua

local core = require "airlock.core"

local pollables = {}

local list = core.kept "beside" -- in the order they came; C steps them where it blocks
local watched = core.kept "watched" -- pollable → its descriptor in the engine's set; only where a host watches that

--- Puts a pollable beside the engine.
---@param pollable table|userdata an object with `fd` and `step`
function pollables.add(pollable)
  list[#list + 1] = pollable
end

local function forget(pollable)
  if watched[pollable] then core.unwatch(watched[pollable]) end
  watched[pollable] = nil
end

--- Takes a pollable away again; one that isn't there is no mistake.
---@param pollable table|userdata
function pollables.remove(pollable)
  for i = #list, 1, -1 do
    if list[i] == pollable then table.remove(list, i) end
  end
  forget(pollable)
end

local function fd_of(pollable)
  local fd = pollable:fd()
  if type(fd) ~= "number" then core.mistake("a pollable's fd() must give a number, not a " .. type(fd)) end
  return fd
end

--- Sees to it that the engine's descriptor is readable for what stands beside it, too: a host watches that one alone.
function pollables.host()
  for _, pollable in ipairs(list) do
    local fd = fd_of(pollable)
    if fd ~= watched[pollable] then
      forget(pollable)
      if fd >= 0 and core.watch(fd) then watched[pollable] = fd end
    end
  end
end

--- Steps all of them, and looks again which descriptor each has: what a host's loop needs.
function pollables.step()
  if #list == 0 then return end
  local now = {}
  for i, pollable in ipairs(list) do now[i] = pollable end
  for _, pollable in ipairs(now) do pollable:step() end
  pollables.host()
end

return pollables
