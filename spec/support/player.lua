--- Somebody at the playground's page, by HTTP: with the key, from the right origin, unless a spec says otherwise.

local core = require "airlock.core"
local curl = require "spec.support.curl"
local playground = require "airlock.playground"
local stage = require "spec.support.stage"

local player = {}
player.__index = player

--- A playground that is stopped afterwards, and somebody at it.
function player.new(options)
  local at = assert(playground.start(options))
  stage.keep(function() at:stop() end)
  at.space:issue() -- its key is made now, and not within a spec's time-out
  return setmetatable({ at = at, origin = at.gate.origin }, player)
end

local function finish(r)
  r.json = core.json.decode(r.body)
  return r
end

--- GETs what is below the key; further words go to curl.
function player:get(path, ...)
  return finish(curl.run { self.at.url .. path, ... })
end

--- POSTs a value, as the page's script does.
function player:post(name, value, ...)
  return finish(curl.run { self.at.url .. "api/" .. name, "-H", "Origin: " .. self.origin, "-H",
    "Content-Type: application/json", "-d", core.json.encode(value or {}):gsub("^%[%]$", "{}"), ... })
end

--- Chooses; raises where that isn't possible. Gives the state.
function player:choose(given)
  local r = self:post("choose", given)
  if r.status ~= 200 then error(r.body, 2) end
  return r.json
end

local resting = { done = true, failed = true, paused = true, waiting = true }

--- Waits until the run rests; gives the state.
function player:rest()
  curl.pass(20, function()
    self.at.run:collect()
    return resting[self.at.run.status] or self.at.run.wait ~= nil
  end)
  return self:get("api/state").json
end

--- Chooses, runs, and waits until it rests.
function player:run(given)
  self:choose(given)
  self:post "go"
  return self:rest()
end

--- Does something with the token, and waits.
function player:act(what)
  local r = self:post("act", { what = what })
  if r.status ~= 200 then error(r.body, 2) end
  return self:rest()
end

--- The entries of a kind.
function player.entries(state, kind)
  local out = {}
  for _, entry in ipairs(state.run.entries) do
    if entry.kind == kind then out[#out + 1] = entry end
  end
  return out
end

--- The messages, a line each: "app > server POST /oauth/token 200".
function player.messages(state)
  local out = {}
  for i, m in ipairs(player.entries(state, "message")) do
    out[i] = ("%s > %s %s %s %s"):format(m.from, m.to, m.method, m.path, m.status and ("%d"):format(m.status) or "-")
  end
  return out
end

--- The last failure that was told: "kind/code/outcome".
function player.failure(state)
  local found
  for _, entry in ipairs(player.entries(state, "note")) do
    if type(entry.detail) == "table" then
      found = ("%s/%s/%s"):format(entry.detail.kind, entry.detail.code, entry.detail.outcome)
    end
  end
  return found
end

return player
