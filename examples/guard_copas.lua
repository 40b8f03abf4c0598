-- A server on Copas that lets only good tokens pass. While one visitor's token waits for the keys, others are served.
local copas = require "copas"
local airlock = require "airlock"
local socket = require "socket"
local space = require("airlock.emulator").start() -- yours would be https://mycompany.jetbrains.space
local token = space:issue { application = space.applications.service, scope = "**" }.access_token

local guard = airlock.guard { provider = "space", url = space.url, audience = space.applications.service.client_id,
  resource = "https://api.example.com/things", loop = require "airlock.loop.copas" }

local listener = assert(socket.bind("127.0.0.1", 0))
local _, port = listener:getsockname()
copas.addserver(listener, function(connection)
  local method, path = copas.receive(connection, "*l"):match "^(%u+) (%S+)"
  local headers = {}
  for line in function() return copas.receive(connection, "*l") end do
    local name, value = line:match "^([^:%s]+):%s*(.-)%s*$"
    if not name then break end
    headers[name:lower()] = headers[name:lower()] or {}
    table.insert(headers[name:lower()], value)
  end
  local who, _, detail = guard:check { method = method, url = path, headers = headers }
  copas.send(connection, "HTTP/1.0 " .. (who and "200 OK\r\n\r\nhello " .. who.name .. "\n"
    or ("%d No\r\nWWW-Authenticate: %s\r\n\r\n"):format(detail.status, detail.www_authenticate or "")))
  connection:close()
end)

local visits = 0
for _, authorization in ipairs { "Authorization: Bearer " .. token .. "\r\n", "" } do
  copas.addthread(function()
    local connection = socket.tcp()
    assert(copas.connect(connection, "127.0.0.1", port))
    copas.send(connection, "GET /things HTTP/1.0\r\n" .. authorization .. "\r\n")
    print("copas: " .. copas.receive(connection, "*a"):gsub("\r?\n", " "))
    visits = visits + 1
  end)
end
while visits < 2 do copas.step() end
space:stop()
