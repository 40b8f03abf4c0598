-- Client credentials: a program acts on its own behalf. Three lines to the first answer, once there is a Space.
local airlock = require "airlock"
local space_here = require("airlock.emulator").start() -- yours would be https://mycompany.jetbrains.space

local application = space_here.applications.service
local space = airlock.space { url = space_here.url, client_id = application.client_id,
  client_secret = application.client_secret }
local app = space:client_credentials { scope = "**" }
local me = assert(app:get "applications/me")
print(("client credentials: %s acts on behalf of the %s"):format(me.name, app:info().subject))

space_here:stop()
