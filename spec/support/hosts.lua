--- The loops that this Lua has hosts for, each behind one face: `spawn(f)`, `run(seconds, done)`, and in `errors` what
--- the host
-- was told of errors in coroutines.

local core = require "airlock.core"
local stage = require "spec.support.stage"

local hosts = {}

local function until_done(seconds, done, turn)
  local stop = core.now() + seconds
  while not done() and core.now() < stop do turn() end
end

local function absent(module)
  local ok, why = pcall(require, module)
  return not ok and ("%s isn't installed for this Lua"):format(module)
    .. (tostring(why):find "not found" and "" or ": " .. tostring(why))
end

-- Standard error and what is printed go into the list while f runs.
local function listen(errors, f)
  local stderr, printing = io.stderr, print
  rawset(_G, "print", function(...) errors[#errors + 1] = tostring((...)) end)
  io.stderr = { -- luacheck: ignore 122
    write = function(_, ...) errors[#errors + 1] = table.concat { ... } end,
  }
  local ok, why = pcall(f)
  rawset(_G, "print", printing)
  io.stderr = stderr -- luacheck: ignore 122
  if not ok then error(why, 0) end
end

function hosts.poll()
  local poll = require "airlock.loop.poll"
  local host = { loop = poll, spawn = poll.spawn, errors = {} }
  function host.run(seconds, done)
    local stop = core.now() + seconds
    while not done() and core.now() < stop do
      local ok, why = pcall(poll.run, stop - core.now(), done)
      if not ok then host.errors[#host.errors + 1] = why end
    end
  end
  return host
end

function hosts.luv()
  local missing = absent "luv"
  if missing then return nil, missing end
  local loop, uv = require "airlock.loop.luv", require "luv"
  local host = { loop = loop, spawn = loop.spawn, errors = {} }
  function host.run(seconds, done)
    local tick = uv.new_timer() -- so that a run comes back
    tick:start(5, 5, function() end)
    listen(host.errors, function()
      until_done(seconds, done, function() uv.run "once" end)
    end)
    tick:close()
    uv.run "nowait"
  end
  return host
end

function hosts.cqueues()
  local missing = absent "cqueues"
  if missing then return nil, missing end
  local loop, cqueues = require "airlock.loop.cqueues", require "cqueues"
  local host = { loop = loop, controller = cqueues.new(), errors = {} }
  function host.spawn(f) return loop.spawn(f, host.controller) end
  function host.run(seconds, done)
    until_done(seconds, done, function()
      local ok, why = host.controller:step(0.02)
      if not ok then host.errors[#host.errors + 1] = tostring(why) end
    end)
  end
  return host
end

function hosts.copas()
  local missing = absent "copas"
  if missing then return nil, missing end
  local loop, copas = require "airlock.loop.copas", require "copas"
  local host = { loop = loop, spawn = loop.spawn, errors = {} }
  function host.run(seconds, done)
    listen(host.errors, function() -- Copas prints what it has no other handler for
      until_done(seconds, done, function() copas.step(0.02) end)
    end)
  end
  return host
end

--- The code of docs/hosts.md, "Another host", as it stands there.
function hosts.documented()
  local code = stage.read("docs/hosts.md"):match "## Another host.-```lua\n(.-)```"
  local loop = assert((loadstring or load)(code .. "\nreturn loop"))() -- luacheck: ignore 143
  local host = { loop = loop, code = code, spawn = loop.spawn, errors = {} }
  function host.run(seconds, done)
    local stop = core.now() + seconds
    listen(host.errors, function()
      loop.run(function() return done() or core.now() > stop end)
    end)
  end
  return host
end

hosts.names = { "poll", "luv", "cqueues", "copas", "documented" }

return hosts
