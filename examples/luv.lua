-- libuv, as in luvit or a program over lua-luv: calls wait, and timers go on.
local airlock = require "airlock"
local loop = require "airlock.loop.luv"
local uv = require "luv"
local space_here = require("airlock.emulator").start() -- yours would be https://mycompany.jetbrains.space
space_here:fault { path = "projects", delay = 0.1 } -- a server that takes its time

local space = airlock.space {
  url = space_here.url, client_id = space_here.client_id, client_secret = space_here.client_secret, loop = loop,
}
local app = space:client_credentials()

local ticks = 0
local timer = uv.new_timer()
timer:start(10, 10, function() ticks = ticks + 1 end)

loop.spawn(function()
  local results = airlock.gather(function() return app:get "projects" end, function() return app:get "organization" end)
  local projects, organization = results[1][1], results[2][1]
  print(("luv: %s has %d projects on its first page"):format(organization.name, #projects.data))
  print(ticks >= 2 and "luv: the timer ticked meanwhile" or "luv: the timer stood still")
  timer:close()
end)
uv.run() -- comes back when nobody waits any more
space_here:stop()
