--- One flight: those who want the same thing at the same time get it by one request.

-- spec: spec/tokens/keys_spec.lua

local compat = require "airlock.compat"
local failure = require "airlock.failure"
local registry = require "airlock.loop.registry"
local wait = require "airlock.loop.wait"

local flight = {}

local pack, unpack = compat.pack, compat.unpack
local patience = 35 -- seconds; a host may drop the coroutine that flies, and then another one does it

local function land(place, name, mine, result, loop)
  if place[name] == mine then place[name] = nil end
  local detail = result[4]
  -- an error or a cancelled call is its own coroutine's
  if result[1] and not (type(detail) == "table" and detail.kind == "cancelled") then mine.result = result end
  for _, bell in ipairs(mine.bells) do bell.ring() end
  if loop and loop.polls then wait.wake() end -- nobody watches core.fd() there
end

-- Waits for the one that flies; nothing: it brought nothing.
local function join(place, name, other, loop)
  local bell = wait.bell(loop, patience)
  other.bells[#other.bells + 1] = bell
  local rung, cancelled = bell.wait()
  if cancelled then
    return pack(true, failure.cancelled("cancelled", "the program cancelled this call", { outcome = "transient" }))
  end
  if not rung and place[name] == other then place[name] = nil end
  return other.result
end

--- Calls a function, or waits for the results of the same that is under way.
---@param place table where flights are noted
---@param name any
---@param client userdata in whose loop it waits
---@param f function
---@return any ...
function flight.share(place, name, client, f)
  local loop = registry.current(client)
  while loop and place[name] do
    local result = join(place, name, place[name], loop)
    if result then return unpack(result, 2, result.n) end
  end
  if place[name] then return f() end -- what blocks can't wait for another
  local mine = { bells = {} }
  place[name] = mine
  local result = pack(compat.pcall(f))
  land(place, name, mine, result, loop)
  if not result[1] then error(result[2], 0) end
  return unpack(result, 2, result.n)
end

return flight
