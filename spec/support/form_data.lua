--- Reads multipart/form-data as a server does, strictly; and a server that takes a body of any size and counts it.

local poll = require "airlock.loop.poll"
local socket = require "socket"
local stage = require "spec.support.stage"

local form_data = {}

local function part_of(text)
  local head, body = text:match "^(.-)\r\n\r\n(.*)$"
  assert(head, "a part has no empty line after its head")
  local part = { body = body }
  for line in (head .. "\r\n"):gmatch "(.-)\r\n" do
    local name, value = line:match "^([%w-]+): (.*)$"
    assert(name, "a part's head has a line that isn't a header: " .. line)
    if name == "Content-Type" then part.type = value
    else
      assert(name == "Content-Disposition", name)
      part.name = value:match '^form%-data; name="([^"]*)"'
      part.filename = value:match '; filename="([^"]*)"$'
    end
  end
  part.name = part.name:gsub("%%22", '"')
  part.filename = part.filename and part.filename:gsub("%%22", '"')
  return part
end

--- The parts of a request `{ headers, body }`, each `{ name, filename, type, body }`.
function form_data.read(request)
  local boundary = assert(request.headers["content-type"]:match '^multipart/form%-data; boundary="?([^"]+)"?$')
  local text, parts = "\r\n" .. request.body, {}
  local from, to = text:find("\r\n--" .. boundary, 1, true)
  assert(from == 1, "the body doesn't begin with its boundary")
  while text:sub(to + 1, to + 2) ~= "--" do
    assert(text:sub(to + 1, to + 2) == "\r\n", "a boundary isn't a line")
    local start = to + 3
    from, to = text:find("\r\n--" .. boundary, start, true)
    assert(from, "the body has no last boundary")
    parts[#parts + 1] = part_of(text:sub(start, from - 1))
  end
  assert(text:sub(to + 3) == "\r\n", "something stands behind the last boundary")
  return parts
end

local answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\nConnection: close\r\n\r\n1"

local function whole(connection, early)
  local head = connection.head:match "^.-\r\n\r\n"
  if not head or early then return head ~= nil end
  local length = tonumber(head:lower():match "content%-length: (%d+)")
  if length then return connection.got >= #head + length end
  return connection.last == "\r\n0\r\n\r\n"
end

local function end_of(connection)
  poll.remove(connection)
  connection.socket:close()
end

local function take(connection, count, early)
  local bytes, why, partly = connection.socket:receive(65536)
  bytes = bytes or partly or ""
  connection.got = connection.got + #bytes
  if #connection.head < 4096 then connection.head = connection.head .. bytes end
  connection.last = (connection.last .. bytes):sub(-7)
  count(#bytes, connection.head)
  if whole(connection, early) then
    connection.socket:send(early or answer)
    end_of(connection)
  elseif why == "closed" then
    connection.closed = true
    end_of(connection)
  end
end

--- A server that keeps nothing of a body: `count` is told of the bytes of each piece (head and chunk lines too), and
--- the beginning of the request. Gives its URL, and the list of connections it had; one that ended early is `closed`.
--- `early`: what it answers as soon as the head is there, without a look at the body.
function form_data.sink(count, early)
  local listener = { socket = assert(socket.bind("127.0.0.1", 0)) }
  local connections = {}
  listener.socket:settimeout(0)
  function listener.fd() return listener.socket:getfd() end
  function listener.step()
    local accepted = listener.socket:accept()
    if not accepted then return end
    accepted:settimeout(0)
    local connection = { socket = accepted, head = "", last = "", got = 0 }
    function connection.fd() return accepted:getfd() end
    function connection.step() take(connection, count or function() end, early) end
    connections[#connections + 1] = connection
    poll.add(connection)
  end
  poll.add(listener)
  stage.keep(function()
    poll.remove(listener)
    listener.socket:close()
    for _, each in ipairs(connections) do pcall(end_of, each) end
  end)
  local _, port = listener.socket:getsockname()
  return ("http://127.0.0.1:%d"):format(port), connections
end

return form_data
