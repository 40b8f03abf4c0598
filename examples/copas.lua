-- Copas: calls wait in its threads and in the handlers of its servers.
local copas = require "copas"
local airlock = require "airlock"
local socket = require "socket"
local space_here = require("airlock.emulator").start() -- yours would be https://mycompany.jetbrains.space

local space = airlock.space {
  url = space_here.url, client_id = space_here.client_id, client_secret = space_here.client_secret,
  loop = require "airlock.loop.copas",
}
local app = space:client_credentials()

-- A server that tells each visitor what the organization is called.
local listener = assert(socket.bind("127.0.0.1", 0))
local _, port = listener:getsockname()
copas.addserver(listener, function(client)
  local organization = assert(app:get "organization") -- others are served while this waits
  copas.send(client, organization.name .. "\n")
end)

local visits = 0
for i = 1, 3 do
  copas.addthread(function()
    local client = socket.tcp()
    assert(copas.connect(client, "127.0.0.1", port))
    print(("copas: visitor %d hears of %s"):format(i, copas.receive(client, "*l")))
    client:close()
    visits = visits + 1
  end)
end
while visits < 3 do copas.step() end
space_here:stop()
