-- A server on cqueues that lets only good tokens pass. While one visitor's token waits for the keys, others are served.
local airlock = require "airlock"
local cqueues = require "cqueues"
local socket = require "cqueues.socket"
local space = require("airlock.emulator").start() -- yours would be https://mycompany.jetbrains.space
local token = space:issue { application = space.applications.service, scope = "**" }.access_token

local guard = airlock.guard { provider = "space", url = space.url, audience = space.applications.service.client_id,
  realm = "things", loop = require "airlock.loop.cqueues" }

local function serve(connection, origin)
  local method, path = connection:read("*l"):match "^(%u+) (%S+)"
  local headers, status, more = {}, 200, ""
  for line in connection:lines "*l" do
    local name, value = line:match "^([^:%s]+):%s*(.-)%s*$"
    if not name then break end
    headers[name:lower()] = headers[name:lower()] or {}
    table.insert(headers[name:lower()], value)
  end
  local who, message, detail = guard:check { method = method, url = origin .. path, headers = headers }
  local body = who and "hello " .. who.name or message
  if not who then status = detail.status end
  for name, value in pairs(detail and detail.headers or {}) do more = more .. name .. ": " .. value .. "\r\n" end
  connection:write(("HTTP/1.0 %d Status\r\n%s\r\n%s\n"):format(status, more, body))
  connection:close()
end

local server, controller = socket.listen("127.0.0.1", 0), cqueues.new()
local _, _, port = server:localname()
local function visit(authorization)
  local connection = socket.connect("127.0.0.1", port)
  connection:write("GET /things HTTP/1.0\r\n" .. authorization .. "\r\n")
  print("cqueues: " .. connection:read "*a":gsub("\r?\n", " "))
end
controller:wrap(function() for _ = 1, 2 do controller:wrap(serve, server:accept(), "http://127.0.0.1:" .. port) end end)
controller:wrap(visit, "Authorization: Bearer " .. token .. "\r\n")
controller:wrap(visit, "")
assert(controller:loop())
space:stop()
