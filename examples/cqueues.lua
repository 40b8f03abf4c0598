-- cqueues, as in a program over lua-http: any coroutine of a controller may wait.
local airlock = require "airlock"
local cqueues = require "cqueues"
local space_here = require("airlock.emulator").start() -- yours would be https://mycompany.jetbrains.space
space_here:fault { path = "projects", delay = 0.1 } -- a server that takes its time

local space = airlock.space {
  url = space_here.url, client_id = space_here.client_id, client_secret = space_here.client_secret,
  loop = require "airlock.loop.cqueues",
}
local app = space:client_credentials()
local controller, ticks, over = cqueues.new(), 0, false

controller:wrap(function()
  local results = airlock.gather(function() return app:get "projects" end, function() return app:get "organization" end)
  local projects, organization = results[1][1], results[2][1]
  print(("cqueues: %s has %d projects on its first page"):format(organization.name, #projects.data))
  over = true
end)
controller:wrap(function()
  while not over do
    cqueues.sleep(0.01)
    ticks = ticks + 1
  end
  print(ticks >= 2 and "cqueues: another coroutine ran meanwhile" or "cqueues: the other stood still")
end)
assert(controller:loop())
space_here:stop()
